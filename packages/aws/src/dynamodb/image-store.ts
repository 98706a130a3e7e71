import type { ImageStore } from "@tallyman/domain/inventory/ports";
import { digestPk, historyExpiry, historyKey, imageKey, repoKey, repositoryPk } from "./layout.ts";
import { StoredImage } from "./record-schemas.ts";
import type { Table } from "./table.ts";

/** Image records, and their earlier lives as history. */
export function dynamoImageStore(table: Table): ImageStore {
  return {
    findImage: (repository, digest) => table.get(imageKey(repository, digest), StoredImage),
    async putImage(record, settled) {
      if (settled) {
        await table.putNew({
          ...settled,
          ...historyKey(settled, settled.digest, settled.version),
          expiresAt: historyExpiry(settled.closedAt ?? record.firstSeenAt),
        });
      }
      const index = { gsi1pk: digestPk(record.digest), gsi1sk: `I#${repoKey(record)}` };
      await table.putFenced({ ...record, ...imageKey(record, record.digest), ...index });
    },
    async *listImages(repository) {
      const query = { partition: repositoryPk(repository), sort: { begins: "I#" }, consistent: true };
      for await (const { record } of table.query(query, StoredImage)) {
        if (record.state === "open") yield record;
      }
    },
  };
}
