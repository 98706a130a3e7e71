import type { AuditEntry } from "@tallyman/domain/audit/audit-entry";
import type { Notice } from "@tallyman/domain/notice/notice";
import type { DueCheck } from "@tallyman/domain/replication/due-check";
import { aDigest } from "./digest.ts";

export function aDueCheck(overrides: Partial<DueCheck> = {}): DueCheck {
  return {
    destination: { account: "111122223333", region: "us-west-2" },
    repository: "prod/web",
    digest: aDigest("image"),
    tag: "1.4.2",
    version: 2,
    ...overrides,
  };
}

export function anAuditEntry(overrides: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: "brake#1",
    at: "2026-11-16T01:54:35.000Z",
    sequence: 0,
    actor: "arn:aws:iam::111122223333:user/test",
    action: "brake.set",
    subject: "brake",
    reason: "maintenance",
    details: {},
    ...overrides,
  };
}

export function aNotice(overrides: Partial<Notice> = {}): Notice {
  return {
    key: "violation#111122223333/us-east-1#prod/web#prod-releases#latest",
    kind: "violation",
    channel: "#registry",
    title: 'Tag "latest" breaks rule "prod-releases"',
    reason: 'Tag "latest" is denied by rule "prod-releases".',
    fields: [],
    at: "2026-11-16T01:54:35.000Z",
    ...overrides,
  };
}
