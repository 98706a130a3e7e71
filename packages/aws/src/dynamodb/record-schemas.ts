import {
  CAUSES,
  type ImageRecord,
  type ReplicaRecord,
  type RepositorySummary,
  type TagPointer,
  type ViolationRecord,
} from "@tallyman/domain/inventory/records";
import { Registry } from "@tallyman/domain/registry/registry";
import * as z from "@tallyman/domain/zod";

// What is stored, checked on the way out: a damaged item is an error, not a fact. Keys and index attributes fall away.
// A kind of value is built once, not once for each field, and a record's schema with the first one that is read: a
// function that starts reads one or two of them.
const text = z.string();
const repository = { account: text, region: text, repository: text };
const version = z.int().check(z.positive());
const maybeText = z.exactOptional(text);
const Cause = z.enum(CAUSES);

const Image = z.lazy(() =>
  z.object({
    ...repository,
    digest: text,
    version,
    state: z.enum(["open", "closed"]),
    status: z.enum(["ACTIVE", "ARCHIVED", "ACTIVATING"]),
    mediaType: maybeText,
    artifactMediaType: maybeText,
    size: z.exactOptional(z.number()),
    pushedAt: maybeText,
    lastPulledAt: maybeText,
    subject: maybeText,
    firstSeenAt: text,
    closedAt: maybeText,
    // Absent in records of the first versions.
    since: maybeText,
    cause: z._default(Cause, "event"),
    why: maybeText,
    changedAt: maybeText,
    forgetAt: maybeText,
    manifest: z.enum(["known", "exclusion-missing", "not-found", "inaccessible", "unreadable"]),
  }),
);

export const StoredImage: z.ZodMiniType<ImageRecord> = z.pipe(
  Image,
  z.transform((it): ImageRecord => {
    const began = it.closedAt ?? it.firstSeenAt;
    return { ...it, since: it.since ?? began, changedAt: it.changedAt ?? began };
  }),
);

export const StoredTag: z.ZodMiniType<TagPointer> = z.lazy(() =>
  z.object({
    ...repository,
    tag: text,
    digest: z.nullable(text),
    since: text,
    cause: Cause,
    why: maybeText,
    event: maybeText,
    forgetAt: maybeText,
    version,
  }),
);

export const StoredViolation: z.ZodMiniType<ViolationRecord> = z.lazy(() =>
  z.object({
    ...repository,
    rule: text,
    digest: text,
    tag: text,
    reason: text,
    evidence: z.record(text, text),
    state: z.enum(["open", "closed"]),
    openedAt: text,
    closedAt: maybeText,
    noticedAt: maybeText,
    version,
  }),
);

export const StoredReplica: z.ZodMiniType<ReplicaRecord> = z.lazy(() =>
  z.object({
    source: Registry,
    destination: Registry,
    repository: text,
    digest: text,
    tag: text,
    state: z.enum(["pending", "arrived", "failed", "overdue"]),
    expectedAt: text,
    arrivedAt: maybeText,
    checks: z.number(),
    checkAt: maybeText,
    failureCode: maybeText,
    noticedAt: maybeText,
    version,
  }),
);

export const StoredSummary: z.ZodMiniType<RepositorySummary> = z.lazy(() =>
  z.object({
    ...repository,
    images: z.number(),
    tags: z.number(),
    openViolations: z.number(),
    bytes: z.number(),
    billedBytes: z.exactOptional(z.number()),
    archivedBytes: z.exactOptional(z.number()),
    imagesOfUnknownSize: z.exactOptional(z.number()),
    asOf: text,
    completeSince: maybeText,
    reconciledAt: maybeText,
    lastEventAt: maybeText,
    resourceTags: z.exactOptional(z.record(text, text)),
    goneAt: maybeText,
    lastError: maybeText,
    lastErrorAt: maybeText,
    version,
  }),
);
