import type { ReplicaStore } from "@tallyman/domain/inventory/ports";
import { digestPk, replicaKey, repoKey, shardOf } from "./layout.ts";
import { StoredReplica } from "./record-schemas.ts";
import type { Table } from "./table.ts";

/** Expected copies; those that are late or failed are listed in gsi2. */
export function dynamoReplicaStore(table: Table): ReplicaStore {
  return {
    findReplica: (key) => table.get(replicaKey(key), StoredReplica),
    async putReplica(record) {
      const destination = repoKey({ ...record.destination, repository: record.repository });
      const name = `${destination}#${record.digest}#${record.tag}`;
      const late = { gsi2pk: `OVERDUE#${shardOf(name)}`, gsi2sk: `${record.expectedAt}#${name}` };
      await table.putFenced({
        ...record,
        ...replicaKey(record),
        gsi1pk: digestPk(record.digest),
        gsi1sk: `C#${destination}#${record.tag}`,
        ...((record.state === "overdue" || record.state === "failed") && late),
      });
    },
  };
}
