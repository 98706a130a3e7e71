import { gzipSync } from "node:zlib";
import { UnreadableListingError } from "@tallyman/domain/listing/errors";
import { beforeEach, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import { type Bucket, BucketError } from "./bucket.ts";
import { s3ListingStore } from "./listing-store.ts";

const WEB = aRepository("prod/web");
const KEY = "listings/111122223333/us-east-1/prod/web.json.gz";
const AT = "2026-11-16T01:54:35.000Z";
const LISTING = {
  ...WEB,
  asOf: AT,
  images: [
    {
      digest: aDigest("a"),
      tags: ["1", "2"],
      status: "ARCHIVED" as const,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      artifactMediaType: "application/vnd.oci.image.config.v1+json",
      size: 7,
      pushedAt: AT,
      lastPulledAt: AT,
      subject: aDigest("b"),
      firstSeenAt: AT,
      manifest: "known" as const,
      layers: [0],
    },
    {
      digest: aDigest("b"),
      tags: [],
      status: "ACTIVE" as const,
      firstSeenAt: AT,
      manifest: "not-found" as const,
    },
  ],
  layers: [{ digest: aDigest("layer"), size: 7 }],
};

let objects: Map<string, Uint8Array>;
let bucket: Bucket;
beforeEach(() => {
  objects = new Map();
  bucket = {
    get: async (key) => objects.get(key) ?? new Uint8Array(),
    find: async (key) => objects.get(key),
    put: async (key, _type, bytes) => void objects.set(key, bytes),
    putNew: async () => false,
  };
});

test("a listing is one object of its repository, and comes back as it was", async () => {
  await s3ListingStore(bucket).putListing(LISTING);
  expect([...objects.keys()]).toEqual([KEY]);
  expect(await s3ListingStore(bucket).findListing(WEB)).toEqual(LISTING);
});

test("the same listing gives the same bytes, and overwrites", async () => {
  await s3ListingStore(bucket).putListing(LISTING);
  const first = objects.get(KEY);
  await s3ListingStore(bucket).putListing({ ...LISTING, images: [] });
  expect(await s3ListingStore(bucket).findListing(WEB)).toMatchObject({ images: [] });
  await s3ListingStore(bucket).putListing(structuredClone(LISTING));
  expect(Buffer.from(objects.get(KEY) ?? [])).toEqual(Buffer.from(first ?? []));
});

test.each([0, 1, 999, 1000, 1001, 2000])(
  "a listing of %i images and as many layers comes back whole",
  async (count) => {
    const numbers = Array.from({ length: count }, (_, number) => number);
    const [image] = LISTING.images;
    if (!image) throw new Error("the listing has no image");
    const images = numbers.map((number) => ({ ...image, digest: `sha256:${number}` }));
    const layers = numbers.map((number) => ({ digest: `sha256:${number}`, size: number }));
    await s3ListingStore(bucket).putListing({ ...LISTING, images, layers });
    expect(await s3ListingStore(bucket).findListing(WEB)).toEqual({ ...LISTING, images, layers });
  },
);

test("a repository that was never counted has none", async () => {
  expect(await s3ListingStore(bucket).findListing(WEB)).toBe(undefined);
});

test("a bucket that does not answer is an error, not a repository without a listing", async () => {
  bucket = {
    ...bucket,
    find: () => Promise.reject(new BucketError("GET x was answered 403 (AccessDenied)")),
  };
  await expect(s3ListingStore(bucket).findListing(WEB)).rejects.toThrow(BucketError);
});

test.each([
  ["cut short", () => gzipSync(JSON.stringify({ schemaVersion: 1, ...LISTING })).subarray(0, 50)],
  ["not compressed", () => Buffer.from("{}")],
  ["not JSON", () => gzipSync("{")],
  [
    "without what it must have",
    () => gzipSync(JSON.stringify({ schemaVersion: 1, ...LISTING, layers: [{}] })),
  ],
  ["of a newer version", () => gzipSync(JSON.stringify({ schemaVersion: 2, ...LISTING }))],
])("a listing that is %s is unreadable, and said so", async (_, bytes) => {
  objects.set(KEY, bytes());
  await expect(s3ListingStore(bucket).findListing(WEB)).rejects.toThrow(UnreadableListingError);
});
