import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import { comeBackSoon, comingBackIfKilled, isLastReceive } from "../configuration/come-back.ts";
import { assertDeclared } from "../configuration/declared.ts";
import { applyOne } from "./apply-one.ts";
import { collectOne } from "./collect-one.ts";
import type { CollectUsageDeps } from "./deps.ts";
import { readConsumers } from "./read-consumers.ts";
import { type ApplyJob, type CollectionJob, UsageMessage } from "./schema.ts";
import { startCollecting } from "./start-collecting.ts";

/**
 * What uses images, asked of every account and Region and put together from reports of others. The schedule names what is to
 * be collected; each source of each registry is a message, a long one several. A FIFO group is a source and scope: its
 * reports come in force one after the other, and one that fails holds up none of the others.
 */
export function createHandler(deps: CollectUsageDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: UsageMessage,
    ordering: "per-group",
    onMessage: (message, info) =>
      comingBackIfKilled(deps, info, async () => {
        if ("schedule" in message) return startCollecting(deps, message);
        if (message.kind !== "apply") await assertDeclared(deps.declared, message);
        await step(deps, message, isLastReceive(info.receiveCount));
      }),
    onFailure: (error, message) => comeBackSoon(deps, error, message),
  });
}

function step(deps: CollectUsageDeps, job: CollectionJob | ApplyJob, last: boolean): Promise<void> {
  switch (job.kind) {
    case "apply":
      return applyOne(deps, job);
    case "collect":
      return collectOne(deps, job, last);
    case "consumers":
      return readConsumers(deps, job, last);
  }
}
