import { FenceConflictError } from "@tallyman/domain/inventory/errors";
import type { DueStore } from "@tallyman/domain/inventory/ports";
import { dueKey, SHARDS, shardOf } from "./layout.ts";
import { StoredDue } from "./record-schemas.ts";
import { records, type Table } from "./table.ts";

/** Things to look at later, listed in gsi2 by their time. */
export function dynamoDueStore(table: Table): DueStore {
  return {
    async putDue(item) {
      const index = { gsi2pk: `DUE#${shardOf(item.id)}`, gsi2sk: `${item.dueAt}#${item.id}` };
      try {
        await table.putFenced({ ...item, ...dueKey(item.id), ...index });
        return "written";
      } catch (error) {
        if (error instanceof FenceConflictError) return "already-there";
        throw error;
      }
    },
    findDue: (id) => table.get(dueKey(id), StoredDue),
    async *listDue(now) {
      // `~` sorts after every character of an id: everything due in this very millisecond is included.
      const sort = { upTo: `${now}#~` };
      for (const shard of SHARDS) {
        yield* records(table.query({ index: "gsi2", partition: `DUE#${shard}`, sort }, StoredDue));
      }
    },
    async deleteDue(id, version) {
      await table.deleteVersion(dueKey(id), version);
    },
  };
}
