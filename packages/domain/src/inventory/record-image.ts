import type { EventSubject } from "../event/registry-event.ts";
import type { Image } from "../image/image.ts";
import type { TaggingRule } from "../policy/policy.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { inParallel } from "./in-parallel.ts";
import { type RecordedImage, recordDigest } from "./record-digest.ts";
import { type RecordedTag, recordTag, type TagDeps } from "./record-tag.ts";
import type { Cause } from "./records.ts";

export type RecordRequest = {
  readonly repository: RepositoryRef;
  /** What the event names. */
  readonly subject: EventSubject;
  readonly cause: Cause;
  /** In words, where whoever told us said. */
  readonly why?: string;
  /** For how many days what has ended is kept (the policy's `inventory.keepDays`). */
  readonly keepDays: number;
  /** The event's id, the same when it is delivered again. */
  readonly event: string;
  /** The policy's tagging rules; empty: nothing is judged. */
  readonly rules: readonly TaggingRule[];
  readonly now: Date;
};

export type Recorded = { readonly images: readonly RecordedImage[]; readonly tags: readonly RecordedTag[] };

/**
 * Brings the inventory up to date on what an event names, as the registry has it now: the tag, the digest (without one,
 * that to which the tag points), and when that is gone every tag the inventory believed to point at it. The same event again writes
 * nothing. A push costs one registry read, and one more for a manifest that is new; item writes are the image, the pointer,
 * the pointer's history when the tag moved, the image's when a stage of its life ended, the manifest's head, and one for each violation that
 * opens or closes.
 *
 * Throws RegistryUnavailableError, or FenceConflictError after five lost races: the message comes back.
 */
export async function recordImage(deps: TagDeps, request: RecordRequest): Promise<Recorded> {
  const { subject } = request;
  const images: RecordedImage[] = [];
  const tags: RecordedTag[] = [];
  const unheard = new Map<string, RecordedTag>();
  const whenNew = (image: Image) => recordUnheard(deps, request, image, unheard);
  if (subject.tag) {
    const outcome = await recordTag(deps, { ...request, ...subject, tag: subject.tag, whenNew });
    tags.push(outcome.tag);
    if (outcome.image) images.push(outcome.image);
  }
  const digest = subject.digest ?? tags[0]?.pointer?.digest;
  if (digest && images.length === 0) {
    const image = await recordDigest(deps, request.repository, {
      digest,
      cause: request.cause,
      ...(request.why !== undefined && { why: request.why }),
      keepDays: request.keepDays,
      now: request.now,
      whenNew,
    });
    images.push(image);
    const named = { digest, ...(subject.tag && { tag: subject.tag }) };
    if (image.record?.state !== "open") tags.push(...(await recordTagsOf(deps, request, named)));
  }
  return { images, tags: [...tags, ...unheard.values()] };
}

/** An image may have a thousand tags, and a message has seconds. */
const AT_ONCE = 8;

/**
 * Tags of an image that the inventory did not have: no event of theirs was heard, and a comparison whose listing was overtaken
 * by this event does not see them either.
 */
async function recordUnheard(
  deps: TagDeps,
  { subject, ...request }: RecordRequest,
  image: Image,
  recorded: Map<string, RecordedTag>,
): Promise<void> {
  const others = image.tags.filter((it) => it !== subject.tag);
  await inParallel(others, AT_ONCE, async (tag) => {
    recorded.set(tag, (await recordTag(deps, { ...request, tag })).tag);
  });
}

/** The image is gone, so its tags are elsewhere or nowhere: each is looked up by itself. */
async function recordTagsOf(
  deps: TagDeps,
  request: RecordRequest,
  { digest, tag }: { readonly digest: string; readonly tag?: string },
): Promise<readonly RecordedTag[]> {
  const { subject: _, ...rest } = request;
  const recorded: RecordedTag[] = [];
  for await (const pointer of deps.tags.listTagsOf(rest.repository, digest)) {
    if (pointer.tag === tag) continue;
    recorded.push((await recordTag(deps, { ...rest, tag: pointer.tag })).tag);
  }
  return recorded;
}
