import type { UsageCollector } from "@tallyman/domain/usage/ports";
import type { ClientsOptions } from "../sts/clients-at.ts";

/** A collection asks one account at a time, and 200 accounts' clients are tens of megabytes. */
const KEPT = 4;

/** The built-in sources, each with the clients that it needs loaded when it is first asked. */
export function openUsageCollectors(clients: ClientsOptions): readonly UsageCollector[] {
  const options = { keep: KEPT, ...clients };
  return [
    late("ecs", async () => (await import("../ecs/usage-collector.ts")).ecsUsageCollector(options)),
    late("lambda", async () => (await import("../lambda/usage-collector.ts")).lambdaUsageCollector(options)),
    late("inspector", async () =>
      (await import("../inspector/usage-collector.ts")).inspectorUsageCollector(options),
    ),
  ];
}

function late(source: string, open: () => Promise<UsageCollector>): UsageCollector {
  let opened: Promise<UsageCollector> | undefined;
  return {
    source,
    async collect(at, options, from) {
      opened ??= open();
      return (await opened).collect(at, options, from);
    },
  };
}
