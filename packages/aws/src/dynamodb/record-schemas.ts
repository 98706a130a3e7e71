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
// A record's schema is built with the first one that is read: a function that starts reads one or two of them.

/** Kinds of values, each once for all fields of a record. */
function kinds() {
  const text = z.string();
  return {
    text,
    maybeText: z.exactOptional(text),
    cause: z.enum(CAUSES),
    repository: { account: text, region: text, repository: text },
    version: z.int().check(z.positive()),
  };
}

export const StoredImage: z.ZodMiniType<ImageRecord> = z.lazy(() => {
  const { text, maybeText, cause, repository, version } = kinds();
  const Image = z.object({
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
    cause: z._default(cause, "event"),
    why: maybeText,
    changedAt: maybeText,
    forgetAt: maybeText,
    manifest: z.enum(["known", "exclusion-missing", "not-found", "inaccessible", "unreadable"]),
  });
  return z.pipe(
    Image,
    z.transform((it): ImageRecord => {
      const began = it.closedAt ?? it.firstSeenAt;
      return { ...it, since: it.since ?? began, changedAt: it.changedAt ?? began };
    }),
  );
});

export const StoredTag: z.ZodMiniType<TagPointer> = z.lazy(() => {
  const { text, maybeText, cause, repository, version } = kinds();
  return z.object({
    ...repository,
    tag: text,
    digest: z.nullable(text),
    since: text,
    cause,
    why: maybeText,
    event: maybeText,
    forgetAt: maybeText,
    version,
  });
});

export const StoredViolation: z.ZodMiniType<ViolationRecord> = z.lazy(() => {
  const { text, maybeText, repository, version } = kinds();
  return z.object({
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
  });
});

export const StoredReplica: z.ZodMiniType<ReplicaRecord> = z.lazy(() => {
  const { text, maybeText, version } = kinds();
  return z.object({
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
  });
});

export const StoredSummary: z.ZodMiniType<RepositorySummary> = z.lazy(() => {
  const { text, maybeText, repository, version } = kinds();
  return z.object({
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
  });
});
