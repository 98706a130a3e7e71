import type { ImageEvent, PullThroughEvent } from "@tallyman/domain/event/registry-event";
import { followUp } from "@tallyman/domain/inventory/follow-up";
import { recordImage } from "@tallyman/domain/inventory/record-image";
import type { Policy } from "@tallyman/domain/policy/policy";
import type { ReconcileQueue } from "@tallyman/domain/reconcile/job";
import { rulesAskedOnce } from "@tallyman/domain/replication/rules-asked-once";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import { assertDeclared } from "../configuration/declared.ts";
import type { RecordingDeps } from "../configuration/recording-deps.ts";
import { report } from "../reporting/report.ts";
import { causeOf } from "./cause.ts";
import { ImageActionMessage } from "./schema.ts";

/** `queue`: of reconciles, for an event that does not say which image it is about. */
export type ImageActionDeps = RecordingDeps & { readonly queue: ReconcileQueue };

/**
 * An image was pushed, deleted, archived, restored or fetched into a cache: the registry is read, the inventory made to agree,
 * its tags judged, people told, copies expected. The same event again finds all of it done and writes nothing.
 */
export function createHandler(deps: ImageActionDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: ImageActionMessage,
    ordering: "none",
    onBatch() {
      const replication = rulesAskedOnce(deps.replication);
      return (event) => follow({ ...deps, replication }, event);
    },
  });
}

async function follow(deps: ImageActionDeps, event: ImageEvent | PullThroughEvent): Promise<void> {
  // Both are read at a cold start only, then at the same time.
  const [policy] = await Promise.all([
    deps.policy.currentPolicy(),
    assertDeclared(deps.declared, event.repository),
  ]);
  const recorded = await record(deps, event, policy);
  if (!recorded && event.kind === "image.pulled-through") await compare(deps, event);
}

/** Says whether the event names an image at all. */
async function record(
  deps: ImageActionDeps,
  event: ImageEvent | PullThroughEvent,
  policy: Policy,
): Promise<boolean> {
  const { repository, subject, id } = event;
  if (subject === undefined) return false;
  const request = { repository, cause: causeOf(event), policy, now: deps.now() };
  const recorded = await recordImage(deps, {
    ...request,
    subject,
    event: id,
    rules: policy.tagging.rules,
    keepDays: policy.inventory.keepDays,
  });
  const followed = await followUp(deps, { ...request, recorded });
  await deps.recounts.send(repository, request.now.toISOString());
  report(deps.telemetry, { repository, eventId: id, recorded, followed });
  return true;
}

/** Something arrived in a cache that the event does not name: the repository is compared. A failed attempt brought nothing. */
async function compare({ queue, telemetry }: ImageActionDeps, event: PullThroughEvent): Promise<void> {
  const { id, repository, result } = event;
  if (result === "SUCCESS") await queue.send([{ kind: "repository", ...repository, run: id }]);
  telemetry.log.debug("pull-through cache action names no image", { ...repository, eventId: id, result });
}
