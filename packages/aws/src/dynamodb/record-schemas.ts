import type { AuditEntry } from "@tallyman/domain/audit/audit-entry";
import type { Brake } from "@tallyman/domain/brake/brake";
import type {
  ImageRecord,
  ReplicaRecord,
  RepositorySummary,
  TagPointer,
  ViolationRecord,
} from "@tallyman/domain/inventory/records";
import { Registry } from "@tallyman/domain/registry/registry";
import * as z from "@tallyman/domain/zod";

// What is stored, checked on the way out: a damaged item is an error, not a fact. Keys and index attributes fall away.
const repository = { account: z.string(), region: z.string(), repository: z.string() };
const version = z.int().check(z.positive());
const text = z.exactOptional(z.string());

export const StoredImage: z.ZodMiniType<ImageRecord> = z.object({
  ...repository,
  digest: z.string(),
  version,
  state: z.enum(["open", "closed"]),
  status: z.enum(["ACTIVE", "ARCHIVED", "ACTIVATING"]),
  mediaType: text,
  artifactMediaType: text,
  size: z.exactOptional(z.number()),
  pushedAt: text,
  lastPulledAt: text,
  subject: text,
  firstSeenAt: z.string(),
  closedAt: text,
  manifest: z.enum(["known", "exclusion-missing", "not-found", "inaccessible", "unreadable"]),
});

const Cause = z.enum(["push", "delete", "archive", "replication", "reconcile", "event"]);

export const StoredTag: z.ZodMiniType<TagPointer> = z.object({
  ...repository,
  tag: z.string(),
  digest: z.nullable(z.string()),
  since: z.string(),
  cause: Cause,
  event: text,
  version,
});

export const StoredViolation: z.ZodMiniType<ViolationRecord> = z.object({
  ...repository,
  rule: z.string(),
  digest: z.string(),
  tag: z.string(),
  reason: z.string(),
  evidence: z.record(z.string(), z.string()),
  state: z.enum(["open", "closed"]),
  openedAt: z.string(),
  closedAt: text,
  noticedAt: text,
  version,
});

export const StoredReplica: z.ZodMiniType<ReplicaRecord> = z.object({
  source: Registry,
  destination: Registry,
  repository: z.string(),
  digest: z.string(),
  tag: z.string(),
  state: z.enum(["pending", "arrived", "failed", "overdue"]),
  expectedAt: z.string(),
  arrivedAt: text,
  checks: z.number(),
  checkAt: text,
  failureCode: text,
  noticedAt: text,
  version,
});

export const StoredSummary: z.ZodMiniType<RepositorySummary> = z.object({
  ...repository,
  images: z.number(),
  tags: z.number(),
  openViolations: z.number(),
  bytes: z.number(),
  asOf: z.string(),
  completeSince: text,
  reconciledAt: text,
  lastError: text,
  version,
});

export const StoredBrake: z.ZodMiniType<Brake> = z.object({
  on: z.boolean(),
  reason: z.string(),
  by: z.string(),
  at: z.string(),
  version,
});

export const StoredAudit: z.ZodMiniType<AuditEntry> = z.object({
  id: z.string(),
  at: z.string(),
  // Absent in entries of the first versions.
  sequence: z._default(z.number(), 0),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  reason: z.string(),
  details: z.record(z.string(), z.unknown()),
});
