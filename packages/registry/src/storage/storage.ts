import { type BlobFiles, openBlobFiles } from "./blob-files.ts";
import { type Database, openDatabase } from "./database.ts";
import { makeDirectory } from "./durable.ts";
import { isBlobKnown } from "./layers.ts";
import { layoutOf } from "./layout.ts";
import { openUploadSessions, type UploadLimits, type UploadSessions } from "./upload-sessions.ts";

export type Storage = {
  readonly database: Database;
  readonly blobs: BlobFiles;
  readonly uploads: UploadSessions;
};

/** Opens the data directory and clears away what a crash left behind. */
export async function openStorage(directory: string, options: UploadLimits): Promise<Storage> {
  const layout = layoutOf(directory);
  await makeDirectory(directory);
  const database = openDatabase(layout.database);
  try {
    const blobs = openBlobFiles(layout);
    const uploads = await openUploadSessions(layout, options);
    await sweepBlobs(database, blobs);
    return { database, blobs, uploads };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Removes the blobs that no repository of their registry knows; answers with how many. */
export function sweepBlobs(database: Pick<Database, "sql">, blobs: BlobFiles): Promise<number> {
  return blobs.sweep((registry, digest) => isBlobKnown(database.sql, registry, digest));
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
