import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { aDigest } from "../../builders/digest.ts";
import type { MemoryInventory } from "../../fakes/memory-inventory.ts";
import type { Scenario } from "./scenario.ts";
import type { Told } from "./told.ts";
import {
  HOLDS,
  IMAGES,
  type Image,
  REFERS_TO,
  REGISTRIES,
  REPOSITORIES,
  REPOSITORY_WORDS,
  type RepositoryWord,
} from "./universe.ts";

const AT = "2026-11-20T00:00:00.000Z";

export function refOf(word: RepositoryWord): RepositoryRef {
  const { registry, name } = REPOSITORIES[word];
  return { ...REGISTRIES[registry], repository: name };
}

/** Every image and manifest as pushes would have left them. */
export async function fillInventory(inventory: MemoryInventory, scenario: Scenario): Promise<void> {
  for (const word of REPOSITORY_WORDS)
    for (const image of REPOSITORIES[word].images)
      await inventory.images.putImage({
        ...refOf(word),
        digest: aDigest(image),
        version: 1,
        state: "open",
        status: "ACTIVE",
        mediaType: mediaTypeOf(image),
        firstSeenAt: AT,
        since: AT,
        changedAt: AT,
        cause: "push",
        manifest: isUnread(scenario, image) ? "inaccessible" : "known",
      });
  for (const image of IMAGES) if (!isUnread(scenario, image)) await putManifest(inventory, scenario, image);
}

async function putManifest(
  { manifests }: MemoryInventory,
  { counted }: Scenario,
  image: Image,
): Promise<void> {
  const subject = REFERS_TO[image];
  const contents = {
    children: (HOLDS[image] ?? []).map((child) => ({ digest: aDigest(child) })),
    ...(subject !== undefined && { subject: aDigest(subject) }),
  };
  const digest = aDigest(image);
  const bytes = new Uint8Array();
  await manifests.putManifest({ digest, mediaType: mediaTypeOf(image), bytes, contents });
  if (counted) await manifests.putEdges({ digest, mediaType: mediaTypeOf(image), size: 0, ...contents });
}

export async function pointTag({ tags }: MemoryInventory, told: Extract<Told, { do: "tag" }>): Promise<void> {
  const ref = refOf(told.repository);
  const before = await tags.findTag(ref, told.tag);
  const version = (before?.version ?? 0) + 1;
  const digest = aDigest(told.image);
  await tags.moveTag(before && { ...before, forgetAt: AT }, {
    ...ref,
    tag: told.tag,
    digest,
    since: AT,
    cause: "push",
    version,
  });
}

function mediaTypeOf(image: Image): string {
  return `application/vnd.oci.image.${image in HOLDS ? "index" : "manifest"}.v1+json`;
}

function isUnread({ unread }: Scenario, image: Image): boolean {
  return unread && image === "I2";
}
