import type { CloudParts } from "../start-cloud.ts";
import { declareExclusions } from "./registry.ts";
import { restoreRoles } from "./roles.ts";

/** Milliseconds for functions that run to end: what they still write belongs to what is thrown away. */
const grace = 10_000;

/** Empties the cloud: everything is as after the first start, on the wall clock, with no faults. */
export async function resetCloud(parts: CloudParts): Promise<void> {
  const { core, mappings, functions, tables, buckets, parameters, metrics, slack, registry } = parts;
  core.faults.set({
    ...core.faults.show(),
    operations: {},
    killWorker: {},
    latency: {},
    events: { drop: 0, duplicate: 0, delay: 0, delayMs: 5000 },
  });
  const end = performance.now() + grace;
  purge(parts);
  while (mappings.busy() > 0 && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 20));
  await functions.pool.recycle();
  await parts.ecs.reset();
  await registry.reset();
  await tables.clear();
  await buckets.clear();
  await parameters.clear();
  await parts.lambdaApi.clear();
  core.clock.set(new Date());
  purge(parts);
  await parts.iam.clear();
  restoreRoles(core.identity, core.roles);
  core.policies.restore();
  parts.messaging.buses.rules.restore();
  parts.messaging.scheduler.restore();
  mappings.permissionsChanged();
  await declareExclusions(registry, core);
  core.denials.clear();
  core.wire.clear();
  metrics.clear();
  slack.clear();
  tables.resetConsumed();
}

function purge({ messaging }: CloudParts): void {
  for (const queue of messaging.queues.all()) queue.reset();
}
