import { AccountId, Region, type Registry, registryName } from "@tallyman/domain/registry/registry";
import { Health } from "./api/answers.ts";
import { ProblemAnswer } from "./api/client.ts";
import type { Context } from "./context.ts";
import { CommandError, UsageError } from "./errors.ts";

/** `111122223333/us-east-1`; throws UsageError. */
export function parseRegistry(text: string): Registry {
  const [account, region, ...rest] = text.split("/");
  const registry = { account: AccountId.safeParse(account), region: Region.safeParse(region) };
  if (!registry.account.success || !registry.region.success || rest.length > 0)
    throw new UsageError(`"${text}" is not a registry; write <account>/<region>, as 111122223333/us-east-1.`);
  return { account: registry.account.data, region: registry.region.data };
}

/** The registry that was named, or all that the deployment declares. */
export async function chosenRegistries(
  context: Context,
  named: string | undefined,
): Promise<readonly Registry[]> {
  if (named !== undefined) return [parseRegistry(named)];
  const health = await context.api.getState(Health, "/api/v1/health");
  return health.registries.map(({ account, region }) => ({ account, region }));
}

/**
 * Asks each registry in turn. One that does not know the repository or tag is passed over; when none does, throws what
 * the last one said.
 */
export async function* fromEach<T>(
  registries: readonly Registry[],
  list: (registry: Registry) => AsyncIterable<T>,
): AsyncIterable<T> {
  let unknown: ProblemAnswer | undefined;
  let known = false;
  for (const registry of registries) {
    try {
      for await (const item of list(registry)) {
        known = true;
        yield item;
      }
    } catch (error) {
      if (!(error instanceof ProblemAnswer) || error.problem.status !== 404) throw error;
      unknown = error;
      continue;
    }
    known = true;
  }
  if (known || unknown === undefined) return;
  if (registries.length === 1) throw unknown;
  throw new CommandError(
    `None of the declared registries knows it (${registries.map(registryName).join(", ")}). Check the spelling; "tallyman repositories" lists what is known.`,
    { cause: unknown },
  );
}
