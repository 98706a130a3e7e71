import { readFile } from "node:fs/promises";
import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { CloudClock } from "../clock/cloud-clock.ts";
import type { Faults } from "../faults/faults.ts";
import type { AwsService } from "../http/aws-service.ts";
import { answerS3 } from "./answer-s3.ts";
import type { BucketDefinition, InitialObject } from "./bucket-definition.ts";
import { openObjectStore } from "./object-store.ts";

export type BucketsOptions = {
  readonly authorize: Authorize;
  readonly faults: Faults;
  readonly clock: CloudClock;
  /** Where objects are kept; undefined: in a temporary folder that goes with `stop`. */
  readonly directory?: string;
};

export type Buckets = {
  readonly service: AwsService;
  declare(definition: BucketDefinition): Promise<void>;
  /** Stores an object that a stack brings along, replacing what an earlier start stored. */
  place(object: InitialObject): Promise<void>;
  /** Empties every bucket and places the stacks' objects again. */
  clear(): Promise<void>;
  stop(): Promise<void>;
};

/** S3 as this product uses it: objects in buckets that stacks declare, path style only. */
export async function createBuckets(options: BucketsOptions): Promise<Buckets> {
  const store = await openObjectStore(options.directory);
  const buckets = new Map<string, BucketDefinition>();
  const placed: InitialObject[] = [];
  const deps = { options, store, buckets };

  async function write({ bucket, key, contentType, source }: InitialObject): Promise<void> {
    const bytes = "file" in source ? await readFile(source.file) : Buffer.from(source.content);
    const lastModified = options.clock.now().toISOString();
    await store.put(bucket, { object: { key, contentType, headers: {}, lastModified }, bytes });
  }

  return {
    service: { signingName: "s3", handle: (request) => answerS3(request, deps) },
    async declare(definition) {
      buckets.set(definition.name, definition);
      await store.addBucket(definition.name);
    },
    async place(object) {
      if (!buckets.has(object.bucket)) throw new Error(`Object ${object.key}: no bucket ${object.bucket}`);
      await write(object);
      placed.push(object);
    },
    async clear() {
      await store.clear();
      for (const object of placed) await write(object);
    },
    stop: () => store.stop(),
  };
}
