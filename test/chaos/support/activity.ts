import { BatchDeleteImageCommand } from "@aws-sdk/client-ecr";
import type { Embedded } from "../../support/embedded.ts";
import { createRepository, EAST, EUROPE, OTHER, WEST, withEcr } from "../../support/registries.ts";
import { type PushedManifest, type Registry, RegistryClient } from "../../support/registry-client.ts";
import type { Random } from "./random.ts";

export const REGISTRIES = [EAST, WEST, EUROPE, OTHER] as const;
/** Few of each, so that tags move often. */
export const PLACES = [
  ...REGISTRIES.map((registry) => ({ registry, repository: "prod/web" })),
  { registry: EAST, repository: "team/tools" },
] as const;
/** The last two break rules in `prod/**`, `latest` in `team/**` too. */
export const TAGS = ["1.0.0", "1.0.1", "latest", "nightly"] as const;

type Place = {
  readonly repository: string;
  readonly client: RegistryClient;
  /** What was pushed so far, by the seed of its bytes: pushing it again under another tag moves that tag. */
  readonly pushed: { readonly seed: string; readonly manifest: PushedManifest }[];
};

/**
 * A team at work in four registries: pushes, tags that move to new and old images, images without a tag, indexes,
 * deletions by tag and by digest. What it does follows from `random` alone, never from an answer.
 */
export async function randomActivity(product: Embedded, random: Random, steps: number): Promise<void> {
  const places = await openPlaces(product);
  for (let step = 0; step < steps; step++) await act(product, random, random.pick(places), `step ${step}`);
}

async function openPlaces(product: Embedded): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (const { registry, repository } of PLACES) {
    const client = await RegistryClient.login(product.url, registry);
    await createRepository(product.url, registry, repository);
    places.push({ repository, client, pushed: [] });
  }
  return places;
}

async function act(product: Embedded, random: Random, place: Place, step: string): Promise<void> {
  const { repository, client, pushed } = place;
  const tag = random.pick(TAGS);
  const dice = random.next();
  const old = pushed.length > 0 ? random.pick(pushed) : undefined;
  if (dice < 0.15 && old) {
    await deleteImage(product, client.registry, { repository, id: { imageDigest: old.manifest.digest } });
  } else if (dice < 0.3 && old) {
    await deleteImage(product, client.registry, { repository, id: { imageTag: tag } });
  } else if (dice < 0.45 && old) {
    await client.pushImage(repository, tag, old.seed);
  } else if (dice < 0.55) {
    await pushIndex(place, tag, step);
  } else {
    await push(place, dice < 0.62 ? undefined : tag, step);
  }
}

async function push({ client, repository, pushed }: Place, tag: string | undefined, step: string) {
  const { account, region } = client.registry;
  // Some images are the same in two places, as they are when a pipeline pushes to several registries.
  const seed = step.endsWith("5") ? step : `${step} of ${account} ${region} ${repository}`;
  const manifest = await client.pushImage(repository, tag, seed);
  pushed.push({ seed, manifest });
  return manifest;
}

async function pushIndex(place: Place, tag: string, step: string): Promise<void> {
  const children = [];
  for (const platform of ["amd64", "arm64"])
    children.push(await push(place, undefined, `${step} ${platform}`));
  await place.client.pushIndex(place.repository, tag, children);
}

type Deletion = {
  readonly repository: string;
  readonly id: { readonly imageDigest: string } | { readonly imageTag: string };
};

/** A tag that is not there, or an image that an index refers to, is refused: nothing happens then. */
async function deleteImage(
  product: Embedded,
  registry: Registry,
  { repository, id }: Deletion,
): Promise<void> {
  const command = new BatchDeleteImageCommand({ repositoryName: repository, imageIds: [id] });
  await withEcr(product.url, registry, (ecr) => ecr.send(command));
}
