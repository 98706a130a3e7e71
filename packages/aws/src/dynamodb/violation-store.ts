import type { ViolationStore } from "@tallyman/domain/inventory/ports";
import { digestPk, repoKey, shardOf, violationKey, violationPk } from "./layout.ts";
import { StoredViolation } from "./record-schemas.ts";
import type { Table } from "./table.ts";

/** Violations; the open ones are listed in gsi2. */
export function dynamoViolationStore(table: Table): ViolationStore {
  return {
    findViolation: (key) => table.get(violationKey(key), StoredViolation),
    async putViolation(record) {
      const key = violationKey(record);
      const name = `${repoKey(record)}#${key.sk}`;
      const open = { gsi2pk: `OPEN#${shardOf(name)}`, gsi2sk: `${record.openedAt}#${name}` };
      await table.putFenced({
        ...record,
        ...key,
        gsi1pk: digestPk(record.digest),
        gsi1sk: `V#${repoKey(record)}#${record.rule}#${record.tag}`,
        ...(record.state === "open" && open),
      });
    },
    async *listOpenViolations(repository) {
      const query = { partition: violationPk(repository), consistent: true };
      for await (const { record } of table.query(query, StoredViolation)) {
        if (record.state === "open") yield record;
      }
    },
  };
}
