import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bucket, BucketError } from "@tallyman/aws/s3/bucket";
import type { Meter } from "./meter.ts";

/**
 * A bucket in a folder. Manifests' bytes are counted and thrown away: a reconcile writes them and does not read them again
 * unless an image has more layers than fit into its head.
 */
export function diskBucket(directory: string, meter: Meter): Bucket {
  mkdirSync(directory, { recursive: true });
  const fileOf = (key: string) => join(directory, createHash("sha256").update(key).digest("hex"));
  async function find(key: string): Promise<Uint8Array | undefined> {
    meter.add("s3:GetObject");
    return existsSync(fileOf(key)) ? readFileSync(fileOf(key)) : undefined;
  }
  return {
    find,
    async get(key) {
      const bytes = await find(key);
      if (bytes === undefined) throw new BucketError(`GET ${key}: not here`);
      return bytes;
    },
    async put(key, _contentType, bytes) {
      meter.add("s3:PutObject");
      meter.add("stored:objects", bytes.byteLength);
      writeFileSync(fileOf(key), bytes);
    },
    async putNew(_key, _contentType, bytes) {
      meter.add("s3:PutObject");
      meter.add("stored:objects", bytes.byteLength);
      return true;
    },
  };
}
