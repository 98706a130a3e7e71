import type { BrakeStore } from "@tallyman/domain/inventory/ports";
import { type ReleaseDeps, releaseChecks } from "@tallyman/domain/replication/release-checks";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import type { Telemetry } from "@tallyman/observability/telemetry";
import { DueMessage } from "./schema.ts";

export type DueDeps = ReleaseDeps & {
  readonly telemetry: Telemetry;
  readonly brake: BrakeStore;
  readonly now: () => Date;
};

/** Once a minute: sends the replica checks that are due to their queue, and reports the brake for its alarm. */
export function createHandler(deps: DueDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: DueMessage,
    ordering: "none",
    async onMessage({ execution }) {
      const { log, measure } = deps.telemetry;
      const released = await releaseChecks(deps, deps.now());
      if (released > 0) log.debug("replica checks sent", { count: released, execution });
      const { on } = await deps.brake.readBrake();
      measure("BrakeOn", on ? 1 : 0);
    },
  });
}
