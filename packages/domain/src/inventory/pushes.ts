import type { RecordedImage } from "./record-digest.ts";
import type { Recorded } from "./record-image.ts";
import type { RecordedTag } from "./record-tag.ts";
import type { Cause } from "./records.ts";

/** One image under one tag (empty: none) that was pushed, and since when it is there. */
export type Pushed = { readonly digest: string; readonly tag: string; readonly expectedAt: string };

type Source = { readonly recorded: Recorded; readonly cause: Cause; readonly now: Date };

/** What a reconcile finds later than this is no news: its copies arrived long ago, or the rules are younger than it. */
export const NEWS_FOR_MS = 24 * 60 * 60_000;

/**
 * The pushes among what was recorded. An event says that something was pushed just now, even if a tag moved back to an
 * old image. A reconcile takes what it found new for a push if ECR's push time is recent.
 */
export function pushesOf(source: Source): readonly Pushed[] {
  if (source.cause === "push") return byEvent(source.recorded);
  return source.cause === "reconcile" ? byReconcile(source) : [];
}

/** The tag, where it points now; an image pushed without one, by its digest. */
function byEvent({ images, tags }: Recorded): readonly Pushed[] {
  const open = images.filter(isOpen);
  if (tags.length === 0) return open.flatMap(untagged);
  return open.flatMap((image) => tags.flatMap((tag) => tagged(tag, image)));
}

function byReconcile({ recorded, now }: Source): readonly Pushed[] {
  const found = recorded.images.filter((image) => isOpen(image) && isRecent(image.record?.pushedAt, now));
  // By where they point: a first look at a repository finds every image and every tag of it new.
  const moved = Map.groupBy(
    recorded.tags.filter((tag) => tag.changed),
    ({ pointer }) => pointer?.digest,
  );
  return found.flatMap((image) => {
    const own = (moved.get(image.digest) ?? []).flatMap((tag) => tagged(tag, image));
    return own.length > 0 || image.record?.version !== 1 ? own : untagged(image);
  });
}

export function isRecent(at: string | undefined, now: Date): boolean {
  return at !== undefined && now.getTime() - Date.parse(at) < NEWS_FOR_MS;
}

function isOpen({ record }: RecordedImage): boolean {
  return record?.state === "open";
}

function tagged({ tag, pointer }: RecordedTag, { digest }: RecordedImage): readonly Pushed[] {
  return pointer?.digest === digest ? [{ digest, tag, expectedAt: pointer.since }] : [];
}

function untagged({ digest, record }: RecordedImage): readonly Pushed[] {
  return record ? [{ digest, tag: "", expectedAt: record.firstSeenAt }] : [];
}
