import type { Image } from "../image/image.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { Cause, ImageRecord, ManifestKnowledge } from "./records.ts";

export type ImageReading = {
  readonly repository: RepositoryRef;
  readonly digest: string;
  /** What is stored, read before the registry was. */
  readonly previous: ImageRecord | undefined;
  /** What the registry said; undefined: the image is not there. */
  readonly read: Image | undefined;
  readonly manifest: ManifestKnowledge;
  readonly cause: Cause;
  readonly now: Date;
};

/** The record to write on the fence `version - 1`, or undefined when what is stored already says so. */
export function nextImageRecord(reading: ImageReading): ImageRecord | undefined {
  return reading.read ? seen(reading, reading.read) : gone(reading);
}

function seen(
  { repository, digest, previous, manifest, now }: ImageReading,
  read: Image,
): ImageRecord | undefined {
  const next: ImageRecord = {
    account: repository.account,
    region: repository.region,
    repository: repository.repository,
    digest,
    version: (previous?.version ?? 0) + 1,
    state: "open",
    ...factsOf(read),
    firstSeenAt: previous?.state === "open" ? previous.firstSeenAt : now.toISOString(),
    manifest,
  };
  return previous && sameFacts(previous, next) ? undefined : next;
}

/** Closed records keep what was last known: they are history. */
function gone(reading: ImageReading): ImageRecord | undefined {
  const { previous, now } = reading;
  if (!previous) return reading.cause === "delete" ? neverSeen(reading) : undefined;
  if (previous.state === "closed") return undefined;
  return { ...previous, version: previous.version + 1, state: "closed", closedAt: now.toISOString() };
}

/** Of an image that was deleted before it was recorded: whoever still holds an older read must not open it. */
function neverSeen({ repository, digest, now }: ImageReading): ImageRecord {
  return {
    account: repository.account,
    region: repository.region,
    repository: repository.repository,
    digest,
    version: 1,
    state: "closed",
    status: "ACTIVE",
    firstSeenAt: now.toISOString(),
    closedAt: now.toISOString(),
    manifest: "not-found",
  };
}

const FACTS = [
  "status",
  "mediaType",
  "artifactMediaType",
  "size",
  "pushedAt",
  "lastPulledAt",
  "subject",
] as const satisfies readonly (keyof Image & keyof ImageRecord)[];

type Facts = Pick<Image, (typeof FACTS)[number]>;

function factsOf({ status, ...image }: Image): Facts {
  return {
    status,
    ...(image.mediaType !== undefined && { mediaType: image.mediaType }),
    ...(image.artifactMediaType !== undefined && { artifactMediaType: image.artifactMediaType }),
    ...(image.size !== undefined && { size: image.size }),
    ...(image.pushedAt !== undefined && { pushedAt: image.pushedAt }),
    ...(image.lastPulledAt !== undefined && { lastPulledAt: image.lastPulledAt }),
    ...(image.subject !== undefined && { subject: image.subject }),
  };
}

function sameFacts(a: ImageRecord, b: ImageRecord): boolean {
  return a.state === b.state && a.manifest === b.manifest && FACTS.every((fact) => a[fact] === b[fact]);
}
