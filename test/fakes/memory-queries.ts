import type { AuditEntry } from "@tallyman/domain/audit/audit-entry";
import type { Change } from "@tallyman/domain/history/change";
import type { ManifestEdge } from "@tallyman/domain/image/image";
import { mergeStages } from "@tallyman/domain/inventory/life-stages";
import { mergeHistory } from "@tallyman/domain/inventory/next-tag-pointer";
import type { InventoryQueries, Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type {
  ImageRecord,
  ReplicaRecord,
  RepositorySummary,
  TagPointer,
  ViolationRecord,
} from "@tallyman/domain/inventory/records";
import { edgesOf, type ManifestHead } from "@tallyman/domain/manifest/contents";
import { registryName } from "@tallyman/domain/registry/registry";
import { sameRepository } from "./fenced-map.ts";
import type { MemoryTags } from "./memory-tag-store.ts";

type Values<T> = { values(): readonly T[] };
type Sources = {
  readonly images: Values<ImageRecord>;
  readonly lives: () => readonly ImageRecord[];
  readonly tags: Omit<MemoryTags, "store">;
  readonly violations: Values<ViolationRecord>;
  readonly replicas: Values<ReplicaRecord>;
  readonly summaries: Values<RepositorySummary>;
  readonly heads: () => ReadonlyMap<string, ManifestHead>;
  readonly edges: () => ReadonlySet<string>;
  readonly audit: () => readonly AuditEntry[];
};

/** The admin API's reads over the memory stores. `next` is the number of items already given. */
export function memoryQueries(from: Sources): InventoryQueries {
  return {
    listRepositories: async (page) => pageOf(from.summaries.values(), page),
    listImages: async (repository, page) =>
      pageOf(
        from.images.values().filter((it) => sameRepository(it, repository)),
        page,
      ),
    listTags: async (repository, page) =>
      pageOf(
        from.tags.pointers().filter((it) => sameRepository(it, repository)),
        page,
      ),
    listImagesByDigest: async (digest, page) =>
      pageOf(
        from.images.values().filter((it) => it.digest === digest),
        page,
      ),
    listTagsByDigest: async (digest, page) =>
      pageOf(
        from.tags.pointers().filter((it) => it.digest === digest),
        page,
      ),
    listTagHistory: async (repository, tag, page) => {
      const isIt = (it: TagPointer) => it.tag === tag && sameRepository(it, repository);
      return pageOf(mergeHistory(from.tags.pointers().find(isIt), from.tags.history().filter(isIt)), page);
    },
    listImageLife: async (repository, digest, page) => {
      const isIt = (it: ImageRecord) => it.digest === digest && sameRepository(it, repository);
      return pageOf(mergeStages(from.images.values().find(isIt), from.lives().filter(isIt)), page);
    },
    listTagStays: async (repository, digest, page) =>
      pageOf(
        from.tags.stays().flatMap((it) => {
          if (it.digest !== digest || !sameRepository(it, repository)) return [];
          const { account: _, region: __, repository: ___, event: ____, ...stay } = it;
          return [{ ...stay, digest }];
        }),
        page,
      ),
    listChanges: async ({ since }, page) => {
      const images = from.images
        .values()
        .map((image): Change => ({ at: image.changedAt, kind: "image", image }));
      const tags = from.tags.pointers().map((tag): Change => ({ at: tag.since, kind: "tag", tag }));
      const changed = [...images, ...tags].filter(({ at }) => at > since);
      return pageOf(changed.toSorted(newestFirst), page);
    },
    listViolations: async (filter, page) =>
      pageOf(
        from.violations
          .values()
          .filter((it) => ("digest" in filter ? it.digest === filter.digest : it.state === filter.state)),
        page,
      ),
    listReplicas: async (filter, page) => {
      const selected = from.replicas.values().filter(selects(filter));
      return pageOf("overdue" in filter ? selected.toSorted(bySearch) : selected, page);
    },
    listReferring: async (digest, kind, page) => {
      const isIt = (edge: ManifestEdge | undefined) => edge?.kind === kind && edge.digest === digest;
      const referring = [...from.heads().values()].filter(
        (head) => isIt(edgesOf(head)[0]) || from.edges().has(`${head.digest} ${kind} ${digest}`),
      );
      return pageOf(referring.map((head) => head.digest).toSorted(), page);
    },
    listAudit: async (day, page) =>
      pageOf(
        from
          .audit()
          .filter((it) => it.at.startsWith(day))
          .toSorted((a, b) => (a.at === b.at ? b.sequence - a.sequence : a.at > b.at ? -1 : 1)),
        page,
      ),
  };
}

function newestFirst(a: Change, b: Change): number {
  return nameOf(a) < nameOf(b) ? 1 : -1;
}

function nameOf(change: Change): string {
  const it = change.kind === "image" ? change.image : change.tag;
  return `${change.at}#${it.account}#${it.region}#${it.repository}#${change.kind === "image" ? change.image.digest : change.tag.tag}`;
}

/** Those that are looked for by their time, then those that nobody looks for any more. */
function bySearch(a: ReplicaRecord, b: ReplicaRecord): number {
  const rank = ({ checkAt, expectedAt }: ReplicaRecord) => checkAt ?? `SETTLED ${expectedAt}`;
  return rank(a) < rank(b) ? -1 : 1;
}

function selects(filter: Parameters<InventoryQueries["listReplicas"]>[0]): (it: ReplicaRecord) => boolean {
  if ("digest" in filter) return (it) => it.digest === filter.digest;
  if ("overdue" in filter) return (it) => it.state === "overdue" || it.state === "failed";
  const { destination } = filter;
  return (it) =>
    registryName(it.destination) === registryName(destination) && it.repository === destination.repository;
}

function pageOf<T>(all: readonly T[], { limit, next }: PageRequest): Page<T> {
  const from = next ? Number(next) : 0;
  const items = all.slice(from, from + limit);
  return from + limit < all.length ? { items, next: String(from + limit) } : { items };
}
