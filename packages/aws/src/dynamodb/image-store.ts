import type { ImageStore } from "@tallyman/domain/inventory/ports";
import {
  changedIndex,
  digestPk,
  historyExpiry,
  historyKey,
  imageKey,
  recordExpiry,
  repoKey,
  repositoryPk,
} from "./layout.ts";
import { StoredImage } from "./record-schemas.ts";
import type { Table } from "./table.ts";

/** Image records, and the settled stages of their lives as history. */
export function dynamoImageStore(table: Table): ImageStore {
  return {
    findImage: (repository, digest) => table.get(imageKey(repository, digest), StoredImage),
    async putImage(record, settled) {
      if (settled) {
        await table.putNew({
          ...settled,
          ...historyKey(settled, settled.digest, settled.version),
          expiresAt: historyExpiry(settled.forgetAt),
        });
      }
      await table.putFenced({
        ...record,
        ...imageKey(record, record.digest),
        gsi1pk: digestPk(record.digest),
        gsi1sk: `I#${repoKey(record)}`,
        ...changedIndex(record.changedAt, `${repoKey(record)}#${record.digest}`),
        ...recordExpiry(record),
      });
    },
    async *listImages(repository) {
      const query = { partition: repositoryPk(repository), sort: { begins: "I#" }, consistent: true };
      for await (const { record } of table.query(query, StoredImage)) {
        if (record.state === "open") yield record;
      }
    },
  };
}
