import type { DueQueue } from "@tallyman/domain/due/ports";
import { releaseDue } from "@tallyman/domain/due/release-due";
import type { BrakeStore, DueStore } from "@tallyman/domain/inventory/ports";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import type { Telemetry } from "@tallyman/observability/telemetry";
import { DueMessage } from "./schema.ts";

export type DueDeps = {
  readonly telemetry: Telemetry;
  readonly due: DueStore;
  readonly queue: DueQueue;
  readonly brake: BrakeStore;
  readonly now: () => Date;
};

/** Once a minute: sends what is due to the queues of its kind, and reports the brake for its alarm. */
export function createHandler(deps: DueDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: DueMessage,
    ordering: "none",
    async onMessage({ execution }) {
      const { log, measure } = deps.telemetry;
      const released = await releaseDue(deps, deps.now());
      if (released > 0) log.debug("due items sent", { count: released, execution });
      const { on } = await deps.brake.readBrake();
      measure("BrakeOn", on ? 1 : 0);
    },
  });
}
