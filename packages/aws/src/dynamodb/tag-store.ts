import { FenceConflictError } from "@tallyman/domain/inventory/errors";
import type { TagStore } from "@tallyman/domain/inventory/ports";
import type { TagPointer } from "@tallyman/domain/inventory/records";
import { digestPk, historyExpiry, historyKey, repoKey, repositoryPk, tagKey } from "./layout.ts";
import { StoredTag } from "./record-schemas.ts";
import { records, type Table } from "./table.ts";

/** Tag pointers and the settled states they had. */
export function dynamoTagStore(table: Table): TagStore {
  return {
    findTag: (repository, tag) => table.get(tagKey(repository, tag), StoredTag),
    async moveTag(settled, next) {
      if ((settled?.version ?? 0) !== next.version - 1)
        throw new FenceConflictError(`Tag ${repoKey(next)} ${next.tag}`);
      if (settled && settled.digest !== next.digest) await table.putNew(historyItem(settled, next));
      // A tag that points nowhere is in no index: nobody asks for it by digest.
      const index = next.digest && {
        gsi1pk: digestPk(next.digest),
        gsi1sk: `T#${repoKey(next)}#${next.tag}`,
      };
      await table.putFenced({ ...next, ...tagKey(next, next.tag), ...index });
    },
    listTags: (repository) =>
      records(
        table.query(
          { partition: repositoryPk(repository), sort: { begins: "T#" }, consistent: true },
          StoredTag,
        ),
      ),
    listTagsOf: (repository, digest) => {
      const sort = { begins: `T#${repoKey(repository)}#` };
      return records(table.query({ index: "gsi1", partition: digestPk(digest), sort }, StoredTag));
    },
  };
}

function historyItem(settled: TagPointer, next: TagPointer) {
  return {
    ...settled,
    ...historyKey(settled, settled.tag, settled.version),
    expiresAt: historyExpiry(next.since),
  };
}
