import type { InventoryQueries, Page, PageRequest } from "@tallyman/domain/inventory/ports";
import * as z from "@tallyman/domain/zod";
import { changesPage } from "./changes-page.ts";
import { imageLifePage } from "./image-life-page.ts";
import { digestPk, edgeSortKey, repoKey, repositoryPk } from "./layout.ts";
import { mergedPage } from "./merged-pages.ts";
import { StoredImage, StoredReplica, StoredSummary, StoredTag, StoredViolation } from "./record-schemas.ts";
import { StoredAudit } from "./stored-audit.ts";
import { StoredStay } from "./stored-stay.ts";
import type { Query, Table } from "./table.ts";
import { tagHistoryPage } from "./tag-history-page.ts";

/** What the admin API reads. Eventually consistent, but for a tag's history. */
export function dynamoInventoryQueries(table: Table): InventoryQueries {
  const byDigest = (digest: string, begins: string) =>
    ({ index: "gsi1", partition: digestPk(digest), sort: { begins } }) as const;
  return {
    listRepositories: (page) =>
      mergedPage(
        table,
        { index: "gsi2", partition: (shard) => `SUM#${shard}` },
        { ...page, schema: StoredSummary },
      ),
    listImages: (repository, page) =>
      pageOf(
        table,
        { partition: repositoryPk(repository), sort: { begins: "I#" } },
        { ...page, schema: StoredImage },
      ),
    listTags: (repository, page) =>
      pageOf(
        table,
        { partition: repositoryPk(repository), sort: { begins: "T#" } },
        { ...page, schema: StoredTag },
      ),
    listImagesByDigest: (digest, page) =>
      pageOf(table, byDigest(digest, "I#"), { ...page, schema: StoredImage }),
    listTagsByDigest: (digest, page) => pageOf(table, byDigest(digest, "T#"), { ...page, schema: StoredTag }),
    listTagHistory: (repository, tag, page) => tagHistoryPage(table, { repository, tag }, page),
    listImageLife: (repository, digest, page) => imageLifePage(table, { repository, digest }, page),
    listTagStays: (repository, digest, page) =>
      pageOf(table, byDigest(digest, `H#${repoKey(repository)}#`), { ...page, schema: StoredStay }),
    listChanges: (time, page) => changesPage(table, time, page),
    listViolations: (filter, page) => {
      const request = { ...page, schema: StoredViolation };
      if ("digest" in filter) return pageOf(table, byDigest(filter.digest, "V#"), request);
      return mergedPage(table, { index: "gsi2", partition: (shard) => `OPEN#${shard}` }, request);
    },
    listReplicas: (filter, page) => {
      const request = { ...page, schema: StoredReplica };
      if ("digest" in filter) return pageOf(table, byDigest(filter.digest, "C#"), request);
      if ("overdue" in filter) {
        return mergedPage(table, { index: "gsi2", partition: (shard) => `OVERDUE#${shard}` }, request);
      }
      return pageOf(table, { partition: repositoryPk(filter.destination), sort: { begins: "C#" } }, request);
    },
    async listReferring(digest, kind, page) {
      const request = { ...page, schema: StoredEdge };
      const { items, ...rest } = await pageOf(table, byDigest(digest, edgeSortKey(kind, "")), request);
      return { ...rest, items: items.map(({ gsi1sk }) => gsi1sk.slice(edgeSortKey(kind, "").length)) };
    },
    listAudit: (day, page) =>
      mergedPage(
        table,
        { partition: (shard) => `A#${day}#${shard}`, newestFirst: true },
        { ...page, schema: StoredAudit },
      ),
  };
}

/** A manifest's head stands for its first edge, so what both have is the place in the index. */
const StoredEdge = z.lazy(() => z.object({ gsi1sk: z.string() }));

const StartKey = z.lazy(() => z.record(z.string(), z.string()));

/** One page of one partition; `next` is DynamoDB's own start key (the API signs it before anybody sees it). */
async function pageOf<T>(
  table: Table,
  query: Query,
  { schema, limit, next }: PageRequest & { readonly schema: z.ZodMiniType<T> },
): Promise<Page<T>> {
  const from = next === undefined ? undefined : StartKey.parse(JSON.parse(next));
  const page = await table.queryPage(query, schema, { limit, ...(from && { from }) });
  return { items: page.found.map((it) => it.record), ...(page.next && { next: JSON.stringify(page.next) }) };
}
