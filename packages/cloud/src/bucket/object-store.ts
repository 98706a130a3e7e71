import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";

// <directory>/<bucket>/<sha256 of the key>: one line of JSON (ObjectHead), then the bytes. A key is never a path.

const ObjectHead = z.object({
  key: z.string(),
  /** Hex MD5 of the bytes, as S3 makes it for an object put in one piece. */
  md5: z.string(),
  size: z.number(),
  contentType: z.string(),
  /** `x-amz-meta-*` and the standard headers that S3 keeps, lower-case names. */
  headers: z.record(z.string(), z.string()),
  /** ISO 8601, by the cloud's clock. */
  lastModified: z.string(),
});
export type ObjectHead = z.infer<typeof ObjectHead>;
export type NewObject = Omit<ObjectHead, "md5" | "size">;

export type ObjectStore = {
  find(bucket: string, key: string): ObjectHead | undefined;
  /** The object's bytes; undefined when it is gone meanwhile. */
  read(bucket: string, key: string): Promise<Buffer | undefined>;
  /** Durable when it resolves. `guard` is asked with what is there, alone among the writers of this key. */
  put(
    bucket: string,
    put: { readonly object: NewObject; readonly bytes: Uint8Array; readonly guard?: Guard },
  ): Promise<ObjectHead>;
  delete(bucket: string, key: string): Promise<void>;
  /** In the order of the keys' UTF-8 bytes. */
  list(bucket: string): readonly ObjectHead[];
  addBucket(bucket: string): Promise<void>;
  clear(): Promise<void>;
  stop(): Promise<void>;
};

/** Throws to refuse a write. */
export type Guard = (existing: ObjectHead | undefined) => void;

/** Objects in files, their heads in memory. Without a directory a temporary one is used and removed at `stop`. */
export async function openObjectStore(directory: string | undefined): Promise<ObjectStore> {
  const root = directory ?? (await mkdtemp(join(tmpdir(), "bucket-")));
  const buckets = new Map<string, Map<string, ObjectHead>>();
  const writers = new Map<string, Promise<unknown>>();
  const heads = (bucket: string) => buckets.get(bucket) ?? new Map<string, ObjectHead>();
  const fileOf = (bucket: string, key: string) =>
    join(root, bucket, createHash("sha256").update(key).digest("hex"));

  async function addBucket(bucket: string): Promise<void> {
    await mkdir(join(root, bucket), { recursive: true });
    buckets.set(bucket, await readHeads(join(root, bucket)));
  }

  /** Writers of one key take turns: a condition and the write that it guards are one step. */
  async function inTurn<T>(file: string, write: () => Promise<T>): Promise<T> {
    const turn = (writers.get(file) ?? Promise.resolve()).catch(() => undefined).then(write);
    writers.set(file, turn);
    try {
      return await turn;
    } finally {
      if (writers.get(file) === turn) writers.delete(file);
    }
  }

  return {
    addBucket,
    find: (bucket, key) => heads(bucket).get(key),
    list: (bucket) =>
      [...heads(bucket).values()].toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))),
    async read(bucket, key) {
      if (!heads(bucket).has(key)) return undefined;
      return bodyOf(await readFile(fileOf(bucket, key)).catch(ignoreMissing));
    },
    put(bucket, { object, bytes, guard }) {
      const file = fileOf(bucket, object.key);
      return inTurn(file, async () => {
        guard?.(heads(bucket).get(object.key));
        const head = { ...object, md5: createHash("md5").update(bytes).digest("hex"), size: bytes.length };
        await writeWhole(file, `${JSON.stringify(head)}\n`, bytes);
        heads(bucket).set(object.key, head);
        return head;
      });
    },
    async delete(bucket, key) {
      const file = fileOf(bucket, key);
      await inTurn(file, async () => {
        heads(bucket).delete(key);
        await rm(file, { force: true });
      });
    },
    async clear() {
      for (const bucket of buckets.keys()) {
        await rm(join(root, bucket), { recursive: true, force: true });
        await addBucket(bucket);
      }
    },
    async stop() {
      await Promise.allSettled(writers.values());
      if (directory === undefined) await rm(root, { recursive: true, force: true });
    },
  };
}

/** A reader sees the old file or the new one, whenever the machine stops. */
async function writeWhole(file: string, head: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  const handle = await open(temporary, "wx");
  try {
    await handle.writev([Buffer.from(head), bytes]);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

async function readHeads(directory: string): Promise<Map<string, ObjectHead>> {
  const heads = new Map<string, ObjectHead>();
  for (const name of await readdir(directory)) {
    const file = join(directory, name);
    if (name.endsWith(".tmp")) await rm(file, { force: true });
    else {
      const bytes = await readFile(file);
      const head = ObjectHead.parse(JSON.parse(bytes.subarray(0, bytes.indexOf("\n")).toString("utf8")));
      heads.set(head.key, head);
    }
  }
  return heads;
}

function bodyOf(file: Buffer | undefined): Buffer | undefined {
  return file?.subarray(file.indexOf("\n") + 1);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
