import type { AuditEntry } from "@tallyman/domain/audit/audit-entry";
import type { DueItem } from "@tallyman/domain/due/due-item";
import type { Notice } from "@tallyman/domain/notice/notice";
import { aDigest } from "./digest.ts";

export function aDueItem(overrides: Partial<DueItem> = {}): DueItem {
  return {
    id: `replica-check#111122223333/us-east-1#prod/web#${aDigest("image")}#1.4.2`,
    kind: "replica-check",
    dueAt: "2026-11-16T01:56:34.000Z",
    payload: { repository: "prod/web" },
    version: 1,
    ...overrides,
  };
}

export function anAuditEntry(overrides: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: "brake#1",
    at: "2026-11-16T01:54:35.000Z",
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
