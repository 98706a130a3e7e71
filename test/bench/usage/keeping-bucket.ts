import type { ErasableBucket } from "@tallyman/aws/s3/bucket";
import { diskBucket } from "../scale/disk-bucket.ts";
import type { Meter } from "../scale/meter.ts";

/** As `diskBucket`, but what is stored once is kept: a report is compared with the one before. */
export function keepingBucket(directory: string, meter: Meter): ErasableBucket {
  const bucket = diskBucket(directory, meter);
  const erased = new Set<string>();
  return {
    ...bucket,
    async find(key) {
      return erased.has(key) ? undefined : bucket.find(key);
    },
    async put(key, type, bytes) {
      erased.delete(key);
      await bucket.put(key, type, bytes);
    },
    async putNew(key, type, bytes) {
      if ((await bucket.find(key)) !== undefined) return false;
      await bucket.put(key, type, bytes);
      return true;
    },
    async erase(key) {
      meter.add("s3:DeleteObject");
      erased.add(key);
    },
  };
}
