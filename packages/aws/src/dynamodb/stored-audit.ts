import type { AuditEntry } from "@tallyman/domain/audit/audit-entry";
import * as z from "@tallyman/domain/zod";

const text = z.string();

/** What the audit trail holds; only the admin API reads it. */
export const StoredAudit: z.ZodMiniType<AuditEntry> = z.lazy(() =>
  z.object({
    id: text,
    at: text,
    // Absent in entries of the first versions.
    sequence: z._default(z.number(), 0),
    actor: text,
    action: text,
    subject: text,
    reason: text,
    details: z.record(text, z.unknown()),
  }),
);
