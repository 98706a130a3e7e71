import type { AuditTrail } from "@tallyman/domain/inventory/ports";
import { auditKey } from "./layout.ts";
import type { Table } from "./table.ts";

/** The audit trail, appended only: an entry that is there already stays as it is. */
export function dynamoAuditTrail(table: Table): AuditTrail {
  return {
    async append(entry) {
      await table.putNew({ ...entry, ...auditKey(entry) });
    },
  };
}
