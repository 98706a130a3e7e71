import type {
  ImageRecord,
  ReplicaRecord,
  RepositorySummary,
  TagPointer,
  ViolationRecord,
} from "@tallyman/domain/inventory/records";
import type { Settled } from "@tallyman/domain/inventory/settled";
import { aDigest } from "./digest.ts";
import { aRepository, HUB } from "./registry.ts";

const AT = "2026-11-16T01:54:35.000Z";

export function anImageRecord(overrides: Partial<ImageRecord> = {}): ImageRecord {
  return {
    ...aRepository(),
    digest: aDigest("image"),
    version: 1,
    state: "open",
    status: "ACTIVE",
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    size: 1_048_576,
    pushedAt: "2026-11-16T01:54:34.000Z",
    firstSeenAt: AT,
    since: AT,
    cause: "push",
    changedAt: AT,
    manifest: "known",
    ...overrides,
  };
}

/** A state that has ended, kept as history for two years. */
export function ended<T extends object>(state: T): Settled<T> {
  return { ...state, forgetAt: "2028-11-15T01:54:35.000Z" };
}

export function aTagPointer(overrides: Partial<TagPointer> = {}): TagPointer {
  return {
    ...aRepository(),
    tag: "1.4.2",
    digest: aDigest("image"),
    since: AT,
    cause: "push",
    version: 1,
    ...overrides,
  };
}

export function aViolationRecord(overrides: Partial<ViolationRecord> = {}): ViolationRecord {
  return {
    ...aRepository(),
    rule: "prod-releases",
    digest: aDigest("image"),
    tag: "latest",
    reason: 'Tag "latest" is denied by rule "prod-releases".',
    evidence: { denied: "latest" },
    state: "open",
    openedAt: AT,
    version: 1,
    ...overrides,
  };
}

export function aReplicaRecord(overrides: Partial<ReplicaRecord> = {}): ReplicaRecord {
  return {
    source: HUB,
    destination: { ...HUB, region: "us-west-2" },
    repository: "prod/web",
    digest: aDigest("image"),
    tag: "1.4.2",
    state: "pending",
    expectedAt: AT,
    checks: 0,
    version: 1,
    ...overrides,
  };
}

export function aSummary(overrides: Partial<RepositorySummary> = {}): RepositorySummary {
  return {
    ...aRepository(),
    images: 1,
    tags: 1,
    openViolations: 0,
    bytes: 1_048_576,
    asOf: AT,
    version: 1,
    ...overrides,
  };
}
