import type { SummaryStore } from "@tallyman/domain/inventory/ports";
import type { RepositorySummary } from "@tallyman/domain/inventory/records";
import type { Registry } from "@tallyman/domain/registry/registry";
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
    async *listRepositories(registry) {
      for await (const { repository } of listSummaries(table, registry)) yield repository;
    },
    listSummaries: (registry) => listSummaries(table, registry),
  };
}

async function* listSummaries(table: Table, { account, region }: Registry): AsyncIterable<RepositorySummary> {
  const sort = { begins: `${account}#${region}#` };
  for (const shard of SHARDS) {
    yield* records(table.query({ index: "gsi2", partition: `SUM#${shard}`, sort }, StoredSummary));
  }
}
