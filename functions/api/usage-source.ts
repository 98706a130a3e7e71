import { isNamedBy } from "@tallyman/domain/access/is-named-by";
import { COLLECTED_SOURCES, RESERVED_SOURCES } from "@tallyman/domain/usage/sources";
import type { OwnSource } from "@tallyman/domain/usage/usage-policy";
import type { MiddlewareHandler } from "hono";
import { type ApiEnv, needs } from "./caller.ts";
import type { ApiDeps } from "./deps.ts";
import { ProblemError } from "./problem.ts";

/**
 * Lets in the principal that the policy binds to the source in the path, and nobody else, whatever other right they hold:
 * whoever may report may say that nothing runs. Named `source` in the OpenAPI description.
 */
export function needsSource(deps: Pick<ApiDeps, "usagePolicy">) {
  const guard: MiddlewareHandler<ApiEnv> = async (c, next) => {
    const name = c.req.param("source") ?? "";
    const { arn } = c.get("caller");
    const own = await findSource(deps, name);
    if (!isNamedBy(own.principal, arn))
      throw new ProblemError(
        "forbidden",
        `${arn} may not report as "${name}": the policy binds it to another principal (usage.sources).`,
      );
    await next();
  };
  return guard;
}

/**
 * Lets in viewers, and whoever is bound to the source in the path: who reports must see which number comes next, and needs no
 * right to see anything else.
 */
export function needsViewerOrSource(deps: Pick<ApiDeps, "usagePolicy">) {
  const viewers = needs("viewer");
  const guard: MiddlewareHandler<ApiEnv> = async (c, next) => {
    const name = c.req.param("source");
    const own = (await readUsagePolicy(deps)).sources.find((it) => it.name === name);
    if (own && isNamedBy(own.principal, c.get("caller").arn)) return next();
    return viewers.middleware(c, next);
  };
  return { ...viewers, middleware: guard };
}

/** The policy's source of this name; a ProblemError when it has none. */
export async function findSource(deps: Pick<ApiDeps, "usagePolicy">, name: string): Promise<OwnSource> {
  if (RESERVED_SOURCES.includes(name))
    throw new ProblemError("forbidden", `Nobody reports as "${name}": Tallyman asks it itself.`);
  const own = (await readUsagePolicy(deps)).sources.find((it) => it.name === name);
  if (own) return own;
  throw unknownSource(name);
}

/** Throws a ProblemError for a name that is neither collected nor in the policy. */
export async function assertSource(deps: Pick<ApiDeps, "usagePolicy">, name: string): Promise<void> {
  const { sources } = await readUsagePolicy(deps);
  if (COLLECTED_SOURCES.some((it) => it === name) || sources.some((it) => it.name === name)) return;
  throw unknownSource(name);
}

export async function readUsagePolicy(deps: Pick<ApiDeps, "usagePolicy">) {
  try {
    return await deps.usagePolicy();
  } catch (cause) {
    const detail = "The policy cannot be read, so its sources are not known; GET /api/v1/health tells more.";
    throw new ProblemError("unavailable", detail, { cause });
  }
}

function unknownSource(name: string): ProblemError {
  const detail = `The policy has no source "${name.slice(0, 80)}"; name it under usage.sources in tallyman.yaml.`;
  return new ProblemError("not-found", detail);
}
