import { constants, createReadStream, type ReadStream } from "node:fs";
import { access, copyFile, link, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Registry } from "@tallyman/domain/registry/registry";
import { makeDirectory, moveDurably, syncDirectory } from "./durable.ts";
import type { Layout } from "./layout.ts";

/** Content-addressed files, one set per registry; `layout.ts` says where and in which order they become visible. */
export type BlobFiles = {
  /** Takes over a finished, synced file under the digest that was computed from its bytes. */
  adopt(file: string, registry: Registry, digest: string): Promise<void>;
  /** Makes a blob of one registry available in another: hard link, or a copy where the file system has none. */
  replicate(digest: string, from: Registry, to: Registry): Promise<void>;
  /** Bytes `start` to `end`, both inclusive. */
  read(registry: Registry, digest: string, range: { start: number; end: number }): ReadStream;
  /** Removes every blob that `isKnown` does not know. Only while nothing is written. */
  sweep(isKnown: (registry: Registry, digest: string) => boolean): Promise<void>;
  /** Removes every blob. */
  clear(): Promise<void>;
};

export function openBlobFiles(layout: Layout): BlobFiles {
  return {
    async adopt(file, registry, digest) {
      await moveDurably(file, layout.blob(registry, digest));
    },
    async replicate(digest, from, to) {
      const target = layout.blob(to, digest);
      if (await exists(target)) return;
      await makeDirectory(dirname(target));
      await linkOrCopy(layout.blob(from, digest), target);
      await syncDirectory(dirname(target));
    },
    read: (registry, digest, range) => createReadStream(layout.blob(registry, digest), range),
    async sweep(isKnown) {
      for await (const { registry, digest, path } of listBlobFiles(layout)) {
        if (!isKnown(registry, digest)) await rm(path, { force: true });
      }
    },
    async clear() {
      await rm(layout.registries, { recursive: true, force: true });
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/** A copy goes through a temporary name: a crash must not leave half a blob under its digest. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (isCode(error, "EEXIST")) return;
    if (!["EXDEV", "EPERM", "EMLINK", "ENOTSUP"].some((code) => isCode(error, code))) throw error;
    const temporary = `${target}.copying`;
    await copyFile(source, temporary);
    const handle = await open(temporary, "r+");
    await handle.sync().finally(() => handle.close());
    await moveDurably(temporary, target);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

type BlobFile = { readonly registry: Registry; readonly digest: string; readonly path: string };

async function* listBlobFiles(layout: Layout): AsyncIterable<BlobFile> {
  for (const account of await entries(layout.registries)) {
    for (const region of await entries(join(layout.registries, account))) {
      const blobs = layout.blobs({ account, region });
      for (const prefix of await entries(blobs)) {
        for (const hex of await entries(join(blobs, prefix))) {
          yield { registry: { account, region }, digest: `sha256:${hex}`, path: join(blobs, prefix, hex) };
        }
      }
    }
  }
}

async function entries(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  });
}
