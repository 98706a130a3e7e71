import type { ReplicaStore } from "@tallyman/domain/inventory/ports";
import type { ReplicaRecord } from "@tallyman/domain/inventory/records";
import { digestPk, replicaKey, repoKey, SHARDS, shardOf } from "./layout.ts";
import { StoredReplica } from "./record-schemas.ts";
import { records, type Table } from "./table.ts";

/** Expected copies; gsi2 lists those that are pending and those that are late or failed, by when to look for them. */
export function dynamoReplicaStore(table: Table): ReplicaStore {
  return {
    findReplica: (key) => table.get(replicaKey(key), StoredReplica),
    async putReplica(record) {
      const destination = repoKey({ ...record.destination, repository: record.repository });
      await table.putFenced({
        ...record,
        ...replicaKey(record),
        gsi1pk: digestPk(record.digest),
        gsi1sk: `C#${destination}#${record.tag}`,
        ...listing(record, `${destination}#${record.digest}#${record.tag}`),
      });
    },
    async *listDue(now) {
      // `~` sorts after every character of a name: everything due in this very millisecond is included.
      const sort = { upTo: `${now}#~` };
      for (const list of ["PENDING", "OVERDUE"]) {
        for (const shard of SHARDS) {
          const query = { index: "gsi2", partition: `${list}#${shard}`, sort } as const;
          yield* records(table.query(query, StoredReplica));
        }
      }
    },
  };
}

/** `SETTLED` sorts after every time, so that no drain reads what nobody looks for any more. */
function listing({ state, checkAt, expectedAt }: ReplicaRecord, name: string) {
  const isLate = state === "overdue" || state === "failed";
  if (!isLate && checkAt === undefined) return {};
  return {
    gsi2pk: `${isLate ? "OVERDUE" : "PENDING"}#${shardOf(name)}`,
    gsi2sk: `${checkAt ?? `SETTLED#${expectedAt}`}#${name}`,
  };
}
