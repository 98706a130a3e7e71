import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { type InventoryDump, placeName } from "./inventory-dump.ts";
import type { DumpedImage } from "./registries.ts";

/** The present of one repository, written down in the same words from both sides: one line a fact. */
export type Present = {
  readonly images: readonly string[];
  readonly tags: readonly string[];
  readonly violations: readonly string[];
};

const FACTS = [
  "status",
  "mediaType",
  "artifactMediaType",
  "size",
  "pushedAt",
  "lastPulledAt",
  "subject",
] as const;
export type Fact = (typeof FACTS)[number];

/** `but`: facts that are not compared. */
export function presentOfRegistry(
  images: readonly DumpedImage[],
  repository: RepositoryRef,
  but: readonly Fact[] = [],
): Present {
  const pairs = images.flatMap((it) => (it.imageTags ?? []).map((tag) => [tag, it.imageDigest] as const));
  return {
    images: images.map((it) => lineOfImage(it, but)).toSorted(),
    tags: pairs.map(([tag, digest]) => `${tag} -> ${digest}`).toSorted(),
    violations: pairs.flatMap(([tag, digest]) => breaches(repository, tag, digest)).toSorted(),
  };
}

export function lineOfImage(it: DumpedImage, but: readonly Fact[] = []): string {
  return lineOfFacts(it.imageDigest, factsOf(it), but);
}

function factsOf(it: DumpedImage): Readonly<Record<Fact, unknown>> {
  const time = (seconds: number | undefined) =>
    seconds === undefined ? undefined : new Date(Math.round(seconds * 1000)).toISOString();
  return {
    status: it.imageStatus ?? "ACTIVE",
    mediaType: it.imageManifestMediaType,
    artifactMediaType: it.artifactMediaType,
    size: it.imageSizeInBytes,
    pushedAt: time(it.imagePushedAt),
    lastPulledAt: time(it.lastRecordedPullTime),
    subject: it.subjectManifestDigest,
  };
}

/** What the test's two rules say, in other words than the product's. */
export function breaches({ repository }: RepositoryRef, tag: string, digest: string): readonly string[] {
  const production = repository.startsWith("prod/");
  const wrong = production ? !/^\d+\.\d+\.\d+$/.test(tag) : tag === "latest";
  return wrong ? [`${production ? "prod-releases" : "no-floating-tags"} ${tag} ${digest}`] : [];
}

export function presentOfInventory(
  dump: InventoryDump,
  repository: RepositoryRef,
  but: readonly Fact[] = [],
): Present {
  return {
    images: dump
      .of(repository, "I#")
      .filter((it) => it["state"] === "open")
      .map((it) => lineOfFacts(String(it["digest"]), it, but))
      .toSorted(),
    tags: dump
      .of(repository, "T#")
      .filter((it) => it["digest"] !== null)
      .map((it) => `${it["tag"]} -> ${it["digest"]}`)
      .toSorted(),
    violations: dump
      .violations(repository)
      .filter((it) => it["state"] === "open")
      .map((it) => `${it["rule"]} ${it["tag"]} ${it["digest"]}`)
      .toSorted(),
  };
}

/** `facts`: by the inventory's names for them. */
export function lineOfFacts(
  digest: string,
  facts: Readonly<Record<string, unknown>>,
  but: readonly Fact[] = [],
): string {
  const compared = FACTS.filter((fact) => !but.includes(fact) && facts[fact] !== undefined);
  return [digest, ...compared.map((fact) => `${fact}=${facts[fact]}`)].join(" ");
}

/** What one side says and the other does not. */
export function differences(
  repository: RepositoryRef,
  truth: Present,
  told: Present,
  where = "inventory",
): readonly string[] {
  return (["images", "tags", "violations"] as const).flatMap((kind) => [
    ...truth[kind]
      .filter((line) => !told[kind].includes(line))
      .map((line) => `${placeName(repository)}: not in the ${where}: ${line}`),
    ...told[kind]
      .filter((line) => !truth[kind].includes(line))
      .map((line) => `${placeName(repository)}: only in the ${where}: ${line}`),
  ]);
}
