import { type Look, looksOf } from "@tallyman/domain/event/trail/looks-of";
import type { TrailEvent } from "@tallyman/domain/event/trail/trail-event";
import { followUp } from "@tallyman/domain/inventory/follow-up";
import { inParallel } from "@tallyman/domain/inventory/in-parallel";
import { recordLook } from "@tallyman/domain/inventory/record-look";
import type { Policy } from "@tallyman/domain/policy/policy";
import { report } from "../reporting/report.ts";
import type { TrailActionDeps } from "./deps.ts";

/** Images looked at at the same time: a record may name a hundred. */
const AT_ONCE = 8;

/** Reads each image that the record names, and records what is so, with what follows from it. */
export async function lookAtImages(deps: TrailActionDeps, event: TrailEvent, policy: Policy): Promise<void> {
  await inParallel(looksOf(event), AT_ONCE, (look) => lookAt(deps, { event, policy, look }));
}

type Request = { readonly event: TrailEvent; readonly policy: Policy; readonly look: Look };

async function lookAt(deps: TrailActionDeps, { event, policy, look }: Request): Promise<void> {
  const { repository, id } = event;
  const now = deps.now();
  const recorded = await recordLook(deps, {
    repository,
    look,
    event: id,
    rules: policy.tagging.rules,
    keepDays: policy.inventory.keepDays,
    now,
  });
  const followed = await followUp(deps, { repository, recorded, cause: look.cause, policy, now });
  report(deps.telemetry, { repository, eventId: id, recorded, followed });
}
