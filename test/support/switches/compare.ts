import { DescribeImagesCommand, type ImageDetail, RepositoryNotFoundException } from "@aws-sdk/client-ecr";
import type { Item } from "../admin-api.ts";
import type { Embedded } from "../embedded.ts";
import { EAST, EUROPE } from "../registries.ts";
import { ecrClient, type Registry } from "../registry-client.ts";
import { placesOf, type World } from "./world.ts";

type Held = Readonly<Record<string, unknown>> & { readonly tags: readonly string[] };
/** What a world's repositories hold, in the registry of the push and in that of its copies: by place. */
export type Contents = Readonly<
  Record<string, { readonly source: readonly Held[]; readonly copies: readonly Held[] }>
>;

/** As AWS's own SDK lists it. */
export async function registryContents(product: Embedded, world: World): Promise<Contents> {
  return contents(world, (registry, repository) => heldByRegistry(product, registry, repository));
}

/** As the admin API lists it. */
export async function inventoryContents(product: Embedded, world: World): Promise<Contents> {
  return contents(world, (registry, repository) => heldByInventory(product, registry, repository));
}

/** One repository's images as the admin API lists them. */
export async function heldByInventory(product: Embedded, registry: Registry, repository: string) {
  const items = await product.api.list("/images", { ...registry, repository });
  return inOrder(items.filter((item) => item["state"] === "open").map(fromItem));
}

/** The places that differ in what events tell of: of pulls they never do. */
export function differing(one: Contents, other: Contents): readonly string[] {
  const told = (contents: Contents, place: string) =>
    JSON.stringify(contents[place], (key, value) => (key === "lastPulledAt" ? undefined : value));
  return Object.keys(one).filter((place) => told(one, place) !== told(other, place));
}

/** `place tag` of each tag that the example policy forbids in `prod/**`: all but releases, and no commit occurs here. */
export function breaches(held: Contents): readonly string[] {
  const found = Object.entries(held).flatMap(([place, { source }]) =>
    source.flatMap(({ tags }) =>
      tags.filter((tag) => !/^\d+\.\d+\.\d+(-\w+)?$/.test(tag)).map((tag) => `${place} ${tag}`),
    ),
  );
  return found.toSorted();
}

/** The same, by the inventory's open violations. */
export async function openViolations(product: Embedded, world: World): Promise<readonly string[]> {
  const open = await product.api.list("/violations", { ...EAST });
  const found = [...placesOf(world)].flatMap(([place, { repository }]) =>
    open.filter((it) => it["repository"] === repository).map((it) => `${place} ${String(it["tag"])}`),
  );
  return [...new Set(found)].toSorted();
}

/** `tag digest` of what each tag of a place points to, by the last word of its history. */
export async function pointers(product: Embedded, world: World, place: string): Promise<readonly string[]> {
  const repository = placesOf(world).get(place)?.repository ?? "";
  const found = ["1.0.0", "1.0.1", "2.0.0", "latest"].map(async (tag) => {
    const history = await product.api.list("/tags/history", { ...EAST, repository, tag });
    const digest = history.at(-1)?.["digest"];
    return typeof digest === "string" ? [`${tag} ${digest}`] : [];
  });
  return (await Promise.all(found)).flat();
}

async function contents(
  world: World,
  list: (registry: Registry, repository: string) => Promise<readonly Held[]>,
): Promise<Contents> {
  const found = [...placesOf(world)].map(async ([place, { repository, copied }]) => {
    const source = await list(EAST, repository);
    const copies = copied ? await list(EUROPE, repository) : [];
    return [place, { source, copies }] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/** One repository's images as AWS's own SDK lists them; none where it is not there. */
export async function heldByRegistry(product: Embedded, registry: Registry, repositoryName: string) {
  const ecr = ecrClient(product.url, registry);
  try {
    const filter = { imageStatus: "ANY" } as const;
    const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName, filter }));
    return inOrder(imageDetails.map(fromEcr));
  } catch (error) {
    if (error instanceof RepositoryNotFoundException) return [];
    throw error;
  } finally {
    ecr.destroy();
  }
}

function fromEcr(image: ImageDetail): Held {
  return {
    digest: image.imageDigest,
    tags: (image.imageTags ?? []).toSorted(),
    status: image.imageStatus,
    size: image.imageSizeInBytes,
    mediaType: image.imageManifestMediaType,
    artifactMediaType: image.artifactMediaType,
    subject: image.subjectManifestDigest,
    pushedAt: image.imagePushedAt?.toISOString(),
    lastPulledAt: image.lastRecordedPullTime?.toISOString(),
  };
}

function fromItem(item: Item): Held {
  const { digest, status, size, mediaType, artifactMediaType, subject, pushedAt, lastPulledAt } = item;
  const tags = (item["tags"] as readonly string[]).toSorted();
  return { digest, tags, status, size, mediaType, artifactMediaType, subject, pushedAt, lastPulledAt };
}

function inOrder(held: readonly Held[]): readonly Held[] {
  return held.toSorted((a, b) => (String(a["digest"]) < String(b["digest"]) ? -1 : 1));
}
