import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip, gunzip } from "node:zlib";
import { UnreadableListingError } from "@tallyman/domain/listing/errors";
import type { Listing } from "@tallyman/domain/listing/listing";
import type { ListingStore } from "@tallyman/domain/listing/ports";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import * as z from "@tallyman/domain/zod";
import type { Bucket } from "./bucket.ts";

const text = z.string();
const maybeText = z.exactOptional(text);

const ListedImage = z.lazy(() =>
  z.object({
    digest: text,
    tags: z.array(text),
    status: z.enum(["ACTIVE", "ARCHIVED", "ACTIVATING"]),
    mediaType: maybeText,
    artifactMediaType: maybeText,
    size: z.exactOptional(z.number()),
    pushedAt: maybeText,
    lastPulledAt: maybeText,
    subject: maybeText,
    firstSeenAt: text,
    manifest: z.enum(["known", "exclusion-missing", "not-found", "inaccessible", "unreadable"]),
    layers: z.exactOptional(z.array(z.number())),
  }),
);

/** Written on every listing; one of another version is counted anew. */
const SCHEMA_VERSION = 1;

const StoredListing = z.lazy(() =>
  z.object({
    schemaVersion: z.literal(SCHEMA_VERSION),
    account: text,
    region: text,
    repository: text,
    asOf: text,
    images: z.array(ListedImage),
    layers: z.array(z.object({ digest: text, size: z.number() })),
  }),
);

/**
 * Listings under `listings/<account>/<region>/<repository>.json.gz`. No repository's name ends in `.json.gz/...`, so no two
 * share a key. gzip writes no time into its header: the same listing gives the same bytes.
 */
export function s3ListingStore(bucket: Bucket): ListingStore {
  return {
    async putListing(listing) {
      const bytes = await pipeline(piecesOf(listing), createGzip(), buffer);
      await bucket.put(keyOf(listing), "application/gzip", bytes);
    },
    async findListing(repository) {
      const bytes = await bucket.find(keyOf(repository));
      return bytes && (await read(repository, bytes));
    },
  };
}

/** Members of a list in one piece of text. */
const PIECE = 1000;

/** The document in pieces: as one text, and once more as its bytes, a listing of 50,000 images would take 90 MB. */
function* piecesOf({ images, layers, ...about }: Listing): Iterable<string> {
  yield `${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...about }).slice(0, -1)},"images":[`;
  yield* membersOf(images);
  yield '],"layers":[';
  yield* membersOf(layers);
  yield "]}";
}

function* membersOf(list: readonly unknown[]): Iterable<string> {
  for (let from = 0; from < list.length; from += PIECE) {
    const members = JSON.stringify(list.slice(from, from + PIECE)).slice(1, -1);
    yield from === 0 ? members : `,${members}`;
  }
}

function keyOf({ account, region, repository }: RepositoryRef): string {
  return `listings/${account}/${region}/${repository}.json.gz`;
}

async function read(repository: RepositoryRef, bytes: Uint8Array): Promise<Listing> {
  try {
    const document = await promisify(gunzip)(bytes);
    const { schemaVersion: _, ...listing } = StoredListing.parse(JSON.parse(document.toString("utf8")));
    return listing;
  } catch (cause) {
    throw new UnreadableListingError(keyOf(repository), { cause });
  }
}
