import { FenceConflictError } from "@tallyman/domain/inventory/errors";
import type { TagStore } from "@tallyman/domain/inventory/ports";
import type { TagPointer } from "@tallyman/domain/inventory/records";
import type { Settled } from "@tallyman/domain/inventory/settled";
import {
  changedIndex,
  digestPk,
  historyExpiry,
  historyKey,
  recordExpiry,
  repoKey,
  repositoryPk,
  tagKey,
} from "./layout.ts";
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
      await table.putFenced({
        ...next,
        ...tagKey(next, next.tag),
        ...index,
        ...changedIndex(next.since, `${repoKey(next)}#${next.tag}`),
        ...recordExpiry(next),
      });
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

/** `ended`: how the interval ended, for whoever finds it by its digest. */
function historyItem({ forgetAt, ...settled }: Settled<TagPointer>, next: TagPointer) {
  const key = historyKey(settled, settled.tag, settled.version);
  const index = settled.digest && {
    gsi1pk: digestPk(settled.digest),
    gsi1sk: `H#${repoKey(settled)}#${key.sk}`,
  };
  const ended = { at: next.since, cause: next.cause, why: next.why, to: next.digest };
  return { ...settled, ...key, ...index, ended, expiresAt: historyExpiry(forgetAt) };
}
