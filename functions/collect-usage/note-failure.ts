import { withFence } from "@tallyman/domain/inventory/with-fence";
import { registryName } from "@tallyman/domain/registry/registry";
import { advanced, newState } from "@tallyman/domain/usage/source-state";
import type { CollectUsageDeps } from "./deps.ts";
import type { CollectJob } from "./schema.ts";

/** Writes on the source's state why the last attempt failed; the report in force stays so, and grows old. */
export async function noteFailure(
  deps: Pick<CollectUsageDeps, "states" | "now">,
  { source, account, region }: CollectJob,
  reason: string,
): Promise<void> {
  const scope = registryName({ account, region });
  const failure = { at: deps.now().toISOString(), reason };
  await withFence(async () => {
    const state = (await deps.states.findState(source, scope)) ?? newState({ source, scope, account });
    await deps.states.putState(advanced({ ...state, failure }));
  });
}
