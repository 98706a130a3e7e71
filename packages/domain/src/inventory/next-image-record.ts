import type { Image } from "../image/image.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { fittingCause } from "./fitting-cause.ts";
import { isSameStage } from "./life-stages.ts";
import { type Cause, ENDINGS, type ImageRecord, type ManifestKnowledge } from "./records.ts";
import { beginning, forgetAfter } from "./settled.ts";

export type ImageReading = {
  readonly repository: RepositoryRef;
  readonly digest: string;
  /** What is stored, read before the registry was. */
  readonly previous: ImageRecord | undefined;
  /** What the registry said; undefined: the image is not there. */
  readonly read: Image | undefined;
  readonly manifest: ManifestKnowledge;
  readonly cause: Cause;
  /** In words, where whoever told us said. */
  readonly why?: string;
  /** For how many days a record of an image that is gone is kept. */
  readonly keepDays: number;
  readonly now: Date;
};

/** The record to write on the fence `version - 1`, or undefined when what is stored already says so. */
export function nextImageRecord(reading: ImageReading): ImageRecord | undefined {
  return reading.read ? seen(reading, reading.read) : gone(reading);
}

function seen(reading: ImageReading, read: Image): ImageRecord | undefined {
  const { digest, previous, manifest, now } = reading;
  const next: ImageRecord = {
    ...placeOf(reading),
    digest,
    version: (previous?.version ?? 0) + 1,
    state: "open",
    ...factsOf(read),
    firstSeenAt: previous?.state === "open" ? previous.firstSeenAt : now.toISOString(),
    ...stageOf(reading, { state: "open", status: read.status }),
    changedAt: now.toISOString(),
    manifest,
  };
  if (!previous || !sameFacts(previous, next)) return next;
  // A pull is no change of the image: it ends no stage and is not listed among what changed.
  return previous.lastPulledAt === next.lastPulledAt ? undefined : { ...next, changedAt: previous.changedAt };
}

/** Closed records keep what was last known: they are history. */
function gone(reading: ImageReading): ImageRecord | undefined {
  const { previous } = reading;
  if (!previous) return ENDINGS.includes(reading.cause) ? neverSeen(reading) : undefined;
  if (previous.state === "closed") return undefined;
  const { why: _, ...kept } = previous;
  return { ...kept, version: previous.version + 1, ...closing(reading, previous.status) };
}

/** Of an image that was deleted before it was recorded: whoever still holds an older read must not open it. */
function neverSeen(reading: ImageReading): ImageRecord {
  return {
    ...placeOf(reading),
    digest: reading.digest,
    version: 1,
    status: "ACTIVE",
    firstSeenAt: reading.now.toISOString(),
    ...closing(reading, "ACTIVE"),
    manifest: "not-found",
  };
}

function closing(reading: ImageReading, status: ImageRecord["status"]) {
  const { now, keepDays } = reading;
  return {
    state: "closed",
    closedAt: now.toISOString(),
    ...stageOf(reading, { state: "closed", status }),
    changedAt: now.toISOString(),
    forgetAt: forgetAfter(now, keepDays),
  } as const;
}

/** The stage that goes on, or the one that begins now. */
function stageOf(
  { previous, now, ...because }: ImageReading,
  next: Pick<ImageRecord, "state" | "status">,
): Pick<ImageRecord, "since" | "cause" | "why"> {
  if (previous && isSameStage(previous, next)) {
    const { since, cause, why } = previous;
    return { since, cause, ...(why !== undefined && { why }) };
  }
  const finding = { gone: next.state === "closed", status: next.status };
  return { since: beginning(previous, now), ...fittingCause(because, finding) };
}

function placeOf({ repository: { account, region, repository } }: ImageReading): RepositoryRef {
  return { account, region, repository };
}

/** `lastPulledAt` stands apart: it is compared by itself. */
const FACTS = [
  "status",
  "mediaType",
  "artifactMediaType",
  "size",
  "pushedAt",
  "subject",
] as const satisfies readonly (keyof Image & keyof ImageRecord)[];

type Facts = Pick<Image, (typeof FACTS)[number] | "lastPulledAt">;

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
