import { join } from "node:path";
import type { Registry } from "@tallyman/domain/registry/registry";

/**
 * What lies where under the data directory.
 *
 *     metadata.db, metadata.db-wal             repositories, images, tags, layers, jobs: one SQLite database (WAL)
 *     uploads/<upload id>                      bytes of an unfinished upload, and files that are being removed; emptied
 *                                              whenever the registry opens
 *     registries/<account>/<region>/
 *       blobs/sha256/<first two hex>/<hex>     one file per blob and registry, never written in place
 *
 * A blob exists for a client only through a row in `layers`, which is committed after file and directory are on the
 * disk. The order when a blob arrives is therefore: write, fsync file, rename, fsync directory, commit row,
 * acknowledge. A crash between any two of these leaves at most a file without a row, which the next open or collection removes.
 * Manifests (at most 4 MiB) live in the database, so that an image, its tags and its jobs change in one transaction.
 */
export type Layout = {
  readonly database: string;
  readonly uploads: string;
  readonly registries: string;
  upload(id: string): string;
  blobs(registry: Registry): string;
  blob(registry: Registry, digest: string): string;
};

export function layoutOf(directory: string): Layout {
  const registries = join(directory, "registries");
  const uploads = join(directory, "uploads");
  function blobs(registry: Registry): string {
    return join(registries, registry.account, registry.region, "blobs", "sha256");
  }
  return {
    database: join(directory, "metadata.db"),
    uploads,
    registries,
    upload: (id) => join(uploads, id),
    blobs,
    blob(registry, digest) {
      const hex = digest.slice("sha256:".length);
      return join(blobs(registry), hex.slice(0, 2), hex);
    },
  };
}
