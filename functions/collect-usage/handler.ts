import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import { comeBackSoon, isLastReceive } from "../configuration/come-back.ts";
import { assertDeclared } from "../configuration/declared.ts";
import { applyOne } from "./apply-one.ts";
import { collectOne } from "./collect-one.ts";
import type { CollectUsageDeps } from "./deps.ts";
import { readConsumers } from "./read-consumers.ts";
import { UsageMessage } from "./schema.ts";
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
    async onMessage(message, { receiveCount }) {
      if ("schedule" in message) return startCollecting(deps, message);
      if (message.kind === "apply") return applyOne(deps, message);
      await assertDeclared(deps.declared, message);
      const last = isLastReceive(receiveCount);
      if (message.kind === "collect") await collectOne(deps, message, last);
      else await readConsumers(deps, message, last);
    },
    onFailure: (error, message) => comeBackSoon(deps, error, message),
  });
}
