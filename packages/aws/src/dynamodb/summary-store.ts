import type { SummaryStore } from "@tallyman/domain/inventory/ports";
import { repoKey, SHARDS, shardOf, summaryKey } from "./layout.ts";
import { StoredSummary } from "./record-schemas.ts";
import { records, type Table } from "./table.ts";

/** Per-repository totals; gsi2 lists every repository by name. */
export function dynamoSummaryStore(table: Table): SummaryStore {
  return {
    findSummary: (repository) => table.get(summaryKey(repository), StoredSummary),
    async putSummary(summary) {
      const name = repoKey(summary);
      await table.putFenced({
        ...summary,
        ...summaryKey(summary),
        gsi2pk: `SUM#${shardOf(name)}`,
        gsi2sk: name,
      });
    },
    async *listRepositories({ account, region }) {
      const sort = { begins: `${account}#${region}#` };
      for (const shard of SHARDS) {
        const found = table.query({ index: "gsi2", partition: `SUM#${shard}`, sort }, StoredSummary);
        for await (const { repository } of records(found)) yield repository;
      }
    },
  };
}
