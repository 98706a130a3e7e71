import { type Bucket, BucketError } from "@tallyman/aws/s3/bucket";
import type { Gate, Process } from "./gate.ts";

/** The bucket of one history, kept in memory. */
export function memoryBucket(): Bucket {
  const objects = new Map<string, Uint8Array>();
  return {
    async get(key) {
      const bytes = objects.get(key);
      if (!bytes) throw new BucketError(`GET ${key} was answered 404 (NoSuchKey)`);
      return bytes;
    },
    find: async (key) => objects.get(key),
    async putNew(key, _contentType, bytes) {
      if (objects.has(key)) return false;
      objects.set(key, bytes);
      return true;
    },
    put: async (key, _contentType, bytes) => void objects.set(key, bytes),
  };
}

/** The same bucket as one worker reaches it: each request through the gate. */
export function gatedBucket(bucket: Bucket, gate: Gate, process: Process): Bucket {
  function through<T>(operation: string, key: string, perform: () => Promise<T>): Promise<T> {
    return gate.ask(process, {
      service: "s3",
      operation,
      input: { key },
      canRetry: false,
      perform,
      throttled: () => Promise.reject(new BucketError(`${operation} ${key} was answered 503 (SlowDown)`)),
    });
  }
  return {
    get: (key) => through("GetObject", key, () => bucket.get(key)),
    find: (key) => through("GetObject", key, () => bucket.find(key)),
    putNew: (key, type, bytes) => through("PutObject", key, () => bucket.putNew(key, type, bytes)),
    put: (key, type, bytes) => through("PutObject", key, () => bucket.put(key, type, bytes)),
  };
}
