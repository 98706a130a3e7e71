import type { Image } from "../image/image.ts";
import type { ManifestReader } from "../image/ports.ts";
import { UnreadableManifestError } from "../manifest/errors.ts";
import { parseManifest } from "../manifest/parse-manifest.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { ManifestStore } from "./ports.ts";
import type { ImageRecord, ManifestKnowledge } from "./records.ts";

export type ManifestDeps = { readonly manifestReader: ManifestReader; readonly manifests: ManifestStore };

/**
 * Makes sure that a manifest is stored, reading it at most once for all registries: a digest names the same bytes
 * everywhere. Says why where it is not. Bytes that were unreadable stay so: they cannot change.
 */
export async function learnManifest(
  { manifestReader, manifests }: ManifestDeps,
  repository: RepositoryRef,
  { image, previous }: { readonly image: Image; readonly previous: ImageRecord | undefined },
): Promise<ManifestKnowledge> {
  if (previous?.manifest === "known" || previous?.manifest === "unreadable") return previous.manifest;
  if (await manifests.hasManifest(image.digest)) return "known";
  if (image.status !== "ACTIVE") return "inaccessible";
  const manifest = await manifestReader.readManifest(repository, image.digest);
  if ("unread" in manifest) return manifest.unread;
  try {
    await manifests.putManifest({ ...manifest, contents: parseManifest(manifest) });
    return "known";
  } catch (error) {
    if (error instanceof UnreadableManifestError) return "unreadable";
    throw error;
  }
}
