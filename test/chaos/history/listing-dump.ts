import { gunzipSync } from "node:zlib";
import type { Bucket } from "@tallyman/aws/s3/bucket";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { lineOfFacts, type Present } from "./compare.ts";
import { type InventoryDump, placeName } from "./inventory-dump.ts";

type Listed = Readonly<Record<string, unknown>> & {
  readonly digest: string;
  readonly tags: readonly string[];
};

/** The present as a repository's listing tells of it, read past our own readers; it has no violations. */
export async function presentOfListing(
  bucket: Bucket,
  { account, region, repository }: RepositoryRef,
): Promise<Present> {
  const bytes = await bucket.find(`listings/${account}/${region}/${repository}.json.gz`);
  const { images } = bytes
    ? (JSON.parse(gunzipSync(bytes).toString("utf8")) as { readonly images: readonly Listed[] })
    : { images: [] };
  return {
    images: images.map((it) => lineOfFacts(it.digest, it)).toSorted(),
    tags: images.flatMap(({ tags, digest }) => tags.map((tag) => `${tag} -> ${digest}`)).toSorted(),
    violations: [],
  };
}

/** What a repository's summary counts, where it says something else than the registry. */
export function judgeSummary(
  repository: RepositoryRef,
  dump: InventoryDump,
  { images, tags, violations }: Present,
): readonly string[] {
  const [summary] = dump.of(repository, "SUM");
  const told = [summary?.["images"] ?? 0, summary?.["tags"] ?? 0, summary?.["openViolations"] ?? 0].join();
  const truth = [images.length, tags.length, violations.length].join();
  return told === truth ? [] : [`${placeName(repository)}: the summary counts ${told}, and it is ${truth}`];
}
