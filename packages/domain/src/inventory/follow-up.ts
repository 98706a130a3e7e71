import { channelOf, violationNotice } from "../notice/build-notice.ts";
import type { NoticeSink } from "../notice/notice.ts";
import type { Policy } from "../policy/policy.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { type CopyDeps, type ExpectedCopy, expectCopies } from "../replication/expect-copies.ts";
import type { RecordedImage } from "./record-digest.ts";
import type { Recorded } from "./record-image.ts";
import type { RecordedTag } from "./record-tag.ts";
import type { Cause } from "./records.ts";

export type FollowUpDeps = CopyDeps & { readonly notices: NoticeSink };

export type FollowUpRequest = {
  readonly repository: RepositoryRef;
  readonly recorded: Recorded;
  readonly cause: Cause;
  readonly policy: Policy;
  readonly now: Date;
};

export type FollowUp = {
  /** Keys of the notices handed over. */
  readonly noticed: readonly string[];
  readonly copies: readonly ExpectedCopy[];
};

/** A reconcile that finds a push later than this expects no copies of it: they arrived long ago, or the rule is younger. */
const RECENT_MS = 24 * 60 * 60_000;

/**
 * What follows from what was recorded, whether an event or a reconcile brought it: people are told of open violations
 * that they do not know of, and the copies of a push are expected. Runs again in full when a message comes again: what a
 * crash left out is done then, what was done is not repeated.
 */
export async function followUp(deps: FollowUpDeps, request: FollowUpRequest): Promise<FollowUp> {
  const [noticed, copies] = await Promise.all([tellViolations(deps, request), expectAll(deps, request)]);
  return { noticed, copies };
}

async function tellViolations(deps: FollowUpDeps, request: FollowUpRequest): Promise<readonly string[]> {
  const channel = channelOf(request.policy);
  if (channel === undefined) return [];
  const silent = new Set(
    request.policy.tagging.rules.filter((rule) => !rule.notify).map((rule) => rule.name),
  );
  const untold = request.recorded.tags
    .flatMap((tag) => tag.open)
    .filter((violation) => violation.noticedAt === undefined && !silent.has(violation.rule));
  const notices = untold.map((violation) => violationNotice(violation, channel));
  for (const notice of notices) await deps.notices.send(notice);
  return notices.map((notice) => notice.key);
}

async function expectAll(deps: FollowUpDeps, request: FollowUpRequest): Promise<readonly ExpectedCopy[]> {
  const copies: ExpectedCopy[] = [];
  for (const push of pushesOf(request)) {
    copies.push(...(await expectCopies(deps, { ...push, repository: request.repository, now: request.now })));
  }
  return copies;
}

type Pushed = { readonly digest: string; readonly tag: string; readonly expectedAt: string };

/** Each tag that was pushed, where it points now; an image pushed without one, by its digest. */
function pushesOf(request: FollowUpRequest): readonly Pushed[] {
  if (request.cause !== "push" && request.cause !== "reconcile") return [];
  const { images, tags } = request.recorded;
  const open = images.filter((image) => image.record?.state === "open" && isRecent(image, request));
  return open.flatMap((image): readonly Pushed[] => {
    const own = tags.flatMap((tag) => pushedAs(tag, image.digest));
    if (own.length > 0) return own;
    return tags.length > 0 || !image.record ? [] : [untagged(image.digest, image.record.firstSeenAt)];
  });
}

function pushedAs({ tag, pointer }: RecordedTag, digest: string): readonly Pushed[] {
  return pointer?.digest === digest ? [{ digest, tag, expectedAt: pointer.since }] : [];
}

function untagged(digest: string, expectedAt: string): Pushed {
  return { digest, tag: "", expectedAt };
}

/** An event says that something was pushed just now, even if a tag moved back to an old image. */
function isRecent({ record }: RecordedImage, { cause, now }: FollowUpRequest): boolean {
  if (cause === "push") return true;
  return record?.pushedAt !== undefined && now.getTime() - Date.parse(record.pushedAt) < RECENT_MS;
}
