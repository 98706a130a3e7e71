import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import type { ApiDeps } from "./deps.ts";
import { ProblemError } from "./problem.ts";

/** The registries declared at deploy time; a ProblemError when they cannot be read. */
export async function declaredRegistries({
  declared,
}: Pick<ApiDeps, "declared">): Promise<readonly Registry[]> {
  try {
    return await declared.declaredRegistries();
  } catch (cause) {
    const detail =
      "The declared registries cannot be read. Check that the deployment uploaded config/registries.json; GET /api/v1/health tells more.";
    throw new ProblemError("unavailable", detail, { cause });
  }
}

/** The one of them that somebody named; a ProblemError when it is none of them. */
export function declaredOne(declared: readonly Registry[], wanted: Registry): Registry {
  const found = declared.find((registry) => registryName(registry) === registryName(wanted));
  if (found) return found;
  const detail = `${registryName(wanted)} is not declared in tallyman.registries.yaml; GET /api/v1/registries lists those that are.`;
  throw new ProblemError("not-found", detail);
}
