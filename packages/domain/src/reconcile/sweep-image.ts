import type { Image } from "../image/image.ts";
import { FenceConflictError } from "../inventory/errors.ts";
import { applyImage, type RecordedImage, recordDigest } from "../inventory/record-digest.ts";
import type { ImageRecord } from "../inventory/records.ts";
import type { Sweep } from "./sweep.ts";

/** Compares one image that the registry listed with what was known before, and repairs the record. */
export function sweepImage(sweep: Sweep, read: Image): Promise<void> {
  return sweepOne(sweep, read.digest, read);
}

/**
 * An image that was known and that the whole listing did not show. It is closed only if a read of this one digest,
 * afterwards, says that it is not there, and only on the fence of before the sweep. Written since: then its absence from
 * the listing counts for nothing, and this one digest is looked up as an event would have it, fence first.
 */
export async function sweepMissing(sweep: Sweep, { digest }: ImageRecord): Promise<void> {
  await sweepOne(sweep, digest, await sweep.deps.registry.findImage(sweep.repository, { digest }));
}

/** An image that two pages showed: what the fence was read before is older than the second of them. */
export async function sweepAgain(sweep: Sweep, digest: string): Promise<void> {
  note(sweep, sweep.known.images.get(digest), await lookUp(sweep, digest));
}

async function sweepOne(sweep: Sweep, digest: string, read: Image | undefined): Promise<void> {
  const { deps, repository, known, cause, keepDays, now } = sweep;
  const previous = known.images.get(digest);
  const request = { digest, cause, keepDays, now };
  const recorded = await applyImage(deps, { ...request, repository, previous, read }).catch(
    (error: unknown) => {
      if (!(error instanceof FenceConflictError)) throw error;
      // Someone wrote it since, or it is known as closed: a fence and a read of its own decide.
      return lookUp(sweep, digest);
    },
  );
  note(sweep, previous, recorded);
}

function lookUp({ deps, repository, cause, keepDays, now }: Sweep, digest: string): Promise<RecordedImage> {
  return recordDigest(deps, repository, { digest, cause, keepDays, now });
}

function note(sweep: Sweep, previous: ImageRecord | undefined, recorded: RecordedImage): void {
  if (!recorded.changed || !recorded.record) return;
  sweep.images.set(recorded.digest, recorded);
  if (!previous) sweep.differences.add("image-missed");
  else if (recorded.record.state === "closed") sweep.differences.add("image-gone");
  else if (!onlyHotFactsDiffer(previous, recorded.record)) sweep.differences.add("image-changed");
}

/** No event tells of a pull, and a manifest becomes readable without one: neither means that one was missed. */
function onlyHotFactsDiffer(a: ImageRecord, b: ImageRecord): boolean {
  const facts = ["state", "status", "mediaType", "artifactMediaType", "size", "pushedAt", "subject"] as const;
  return facts.every((fact) => a[fact] === b[fact]);
}
