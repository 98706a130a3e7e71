import { followUp } from "@tallyman/domain/inventory/follow-up";
import { recordImage } from "@tallyman/domain/inventory/record-image";
import { channelOf } from "@tallyman/domain/notice/build-notice";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import { assertDeclared } from "../configuration/declared.ts";
import type { RecordingDeps } from "../configuration/recording-deps.ts";
import { report } from "../reporting/report.ts";
import { ReplicationActionMessage } from "./schema.ts";
import { settleReplica } from "./settle-replica.ts";

export type ReplicationActionDeps = RecordingDeps;

/**
 * A copy arrived, or failed: the destination is read and recorded like after any event, and the expected copy settled.
 * The copy's event may overtake the push's: the record then begins with the arrival.
 */
export function createHandler(deps: ReplicationActionDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: ReplicationActionMessage,
    ordering: "none",
    async onMessage(event) {
      const [policy] = await Promise.all([
        deps.policy.currentPolicy(),
        assertDeclared(deps.declared, event.repository),
      ]);
      const { repository, subject } = event;
      const request = { repository, cause: "replication", policy, now: deps.now() } as const;
      const recorded = await recordImage(deps, {
        ...request,
        subject,
        event: event.id,
        rules: policy.tagging.rules,
        keepDays: policy.inventory.keepDays,
      });
      await settleReplica(deps, { event, recorded, channel: channelOf(policy), now: request.now });
      const followed = await followUp(deps, { ...request, recorded });
      await deps.recounts.send(repository, request.now.toISOString());
      report(deps.telemetry, { repository, eventId: event.id, recorded, followed });
    },
  });
}
