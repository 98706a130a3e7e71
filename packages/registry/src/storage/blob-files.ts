import { constants, renameSync } from "node:fs";
import { access, copyFile, type FileHandle, link, open, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Registry } from "@tallyman/domain/registry/registry";
import { makeDirectory, moveDurably, syncDirectory } from "./durable.ts";
import type { Layout } from "./layout.ts";

/** Content-addressed files, one set per registry; `layout.ts` says where and in which order they become visible. */
export type BlobFiles = {
  /** Takes over a finished, synced file under the digest that was computed from its bytes. */
  adopt(file: string, registry: Registry, digest: string): Promise<void>;
  /** Makes a blob of one registry available in another: hard link, or a copy where the file system has none. */
  replicate(digest: string, from: Registry, to: Registry): Promise<void>;
  /** For reading; the caller closes it. A sweep meanwhile takes the name, not the bytes. */
  open(registry: Registry, digest: string): Promise<FileHandle>;
  /**
   * Runs `work`, which brings these blobs in and then commits the rows that know them. In between they are files that
   * nothing knows: until `work` has ended, no sweep takes them.
   */
  hold<T>(registry: Registry, digests: readonly string[], work: () => Promise<T>): Promise<T>;
  /**
   * Removes every blob that `isKnown` does not know, also while blobs come in; answers with how many. It is asked and the
   * file is gone in one turn, so that whoever commits a row later finds the file missing and not half there.
   */
  sweep(isKnown: (registry: Registry, digest: string) => boolean): Promise<number>;
  /** Removes every blob. */
  clear(): Promise<void>;
};

export function openBlobFiles(layout: Layout): BlobFiles {
  /** How many hold each. */
  const held = new Map<string, number>();
  return {
    async hold(registry, digests, work) {
      const keys = digests.map((digest) => layout.blob(registry, digest));
      for (const key of keys) held.set(key, (held.get(key) ?? 0) + 1);
      try {
        return await work();
      } finally {
        for (const key of keys) release(held, key);
      }
    },
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
    open: (registry, digest) => open(layout.blob(registry, digest), "r"),
    async sweep(isKnown) {
      let swept = 0;
      for await (const { registry, digest, path, whole } of listBlobFiles(layout)) {
        if (held.has(layout.blob(registry, digest)) || (whole && isKnown(registry, digest))) continue;
        // To remove the bytes of a large file takes long, to move its name does not.
        const waste = `${layout.upload(basename(path))}.swept`;
        renameSync(path, waste);
        await rm(waste, { force: true });
        swept += 1;
      }
      return swept;
    },
    async clear() {
      await rm(layout.registries, { recursive: true, force: true });
    },
  };
}

function release(held: Map<string, number>, key: string): void {
  const left = (held.get(key) ?? 1) - 1;
  if (left === 0) held.delete(key);
  else held.set(key, left);
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

type BlobFile = {
  readonly registry: Registry;
  readonly digest: string;
  readonly path: string;
  readonly whole: boolean;
};

async function* listBlobFiles(layout: Layout): AsyncIterable<BlobFile> {
  for (const account of await entries(layout.registries)) {
    for (const region of await entries(join(layout.registries, account))) {
      const blobs = layout.blobs({ account, region });
      for (const prefix of await entries(blobs)) {
        for (const hex of await entries(join(blobs, prefix))) {
          // A copy under way has its blob's name with an ending: nothing but who holds the blob wants it.
          const whole = hex.length === 64;
          const digest = `sha256:${hex.slice(0, 64)}`;
          yield { registry: { account, region }, digest, whole, path: join(blobs, prefix, hex) };
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
