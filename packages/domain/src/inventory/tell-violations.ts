import { channelOf, violationNotice } from "../notice/build-notice.ts";
import type { Notice, NoticeSink } from "../notice/notice.ts";
import type { Policy } from "../policy/policy.ts";
import type { ImageStore } from "./ports.ts";
import { isRecent } from "./pushes.ts";
import type { Recorded } from "./record-image.ts";
import type { Cause, ViolationRecord } from "./records.ts";

type Deps = { readonly notices: NoticeSink; readonly images: ImageStore };
type Request = {
  readonly recorded: Recorded;
  readonly cause: Cause;
  readonly policy: Policy;
};

/**
 * Hands over a notice for each open violation that people do not know of. What a reconcile finds is told only if the
 * image was young when the violation opened: the rest is the baseline (a first look at a registry, a new rule), which is
 * listed, and not poured out one by one.
 */
export async function tellViolations(
  deps: Deps,
  request: Request,
): Promise<{ readonly noticed: readonly Notice[]; readonly listed: number }> {
  const channel = channelOf(request.policy);
  const untold = untoldOf(request);
  if (channel === undefined) return { noticed: [], listed: 0 };
  const noticed: Notice[] = [];
  for (const violation of untold) {
    if (request.cause === "reconcile" && !(await isNews(deps.images, violation))) continue;
    const notice = violationNotice(violation, channel);
    await deps.notices.send(notice);
    noticed.push(notice);
  }
  return { noticed, listed: untold.length - noticed.length };
}

function untoldOf({ recorded, policy }: Request): readonly ViolationRecord[] {
  const silent = new Set(policy.tagging.rules.filter((rule) => !rule.notify).map((rule) => rule.name));
  return recorded.tags
    .flatMap((tag) => tag.open)
    .filter((violation) => violation.noticedAt === undefined && !silent.has(violation.rule));
}

async function isNews(images: ImageStore, violation: ViolationRecord): Promise<boolean> {
  const image = await images.findImage(violation, violation.digest);
  return isRecent(image?.pushedAt, new Date(violation.openedAt));
}
