import { type BlobFiles, openBlobFiles } from "./blob-files.ts";
import { type Database, openDatabase } from "./database.ts";
import { makeDirectory } from "./durable.ts";
import { deleteUnusedLayers, listBlobDigests } from "./layers.ts";
import { layoutOf } from "./layout.ts";
import { openUploadSessions, type UploadLimits, type UploadSessions } from "./upload-sessions.ts";

export type Storage = {
  readonly database: Database;
  readonly blobs: BlobFiles;
  readonly uploads: UploadSessions;
};

/** A layer that no image uses is kept for a day: its image may still be on the way. */
const UNUSED_LAYER_LIFE = 24 * 60 * 60 * 1000;

/** Opens the data directory and clears away what a crash or a deletion left behind. */
export async function openStorage(
  directory: string,
  options: UploadLimits & { readonly now: Date },
): Promise<Storage> {
  const layout = layoutOf(directory);
  await makeDirectory(directory);
  const database = openDatabase(layout.database);
  try {
    const blobs = openBlobFiles(layout);
    database.transaction(() => deleteUnusedLayers(database.sql, options.now.getTime() - UNUSED_LAYER_LIFE));
    await sweepBlobs(database, blobs);
    return { database, blobs, uploads: await openUploadSessions(layout, options) };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function sweepBlobs({ sql }: Database, blobs: BlobFiles): Promise<void> {
  const known = new Map<string, ReadonlySet<string>>();
  await blobs.sweep((registry, digest) => {
    const name = `${registry.account}/${registry.region}`;
    const digests = known.get(name) ?? listBlobDigests(sql, registry);
    known.set(name, digests);
    return digests.has(digest);
  });
}

/** Removes all content and all settings; secrets stay. */
export async function clearStorage({ database, blobs, uploads }: Storage): Promise<void> {
  await uploads.clear();
  const { sql } = database;
  database.transaction(() => {
    sql.run`DELETE FROM repositories`; // Takes images, tags, layers and jobs with it.
    sql.run`DELETE FROM registries`;
    sql.run`DELETE FROM pullTimeExclusions`;
    sql.run`DELETE FROM accountSettings`;
    sql.run`DELETE FROM registryDocuments`;
  });
  await blobs.clear();
}
