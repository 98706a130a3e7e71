import type { Image } from "../image/image.ts";
import type { RegistryReader } from "../image/ports.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { FenceConflictError } from "./errors.ts";
import { learnManifest, type ManifestDeps } from "./learn-manifest.ts";
import { isSameStage } from "./life-stages.ts";
import { nextImageRecord } from "./next-image-record.ts";
import type { ImageStore } from "./ports.ts";
import type { Cause, ImageRecord } from "./records.ts";
import { settled } from "./settled.ts";
import { withFence } from "./with-fence.ts";

export type DigestDeps = ManifestDeps & { readonly registry: RegistryReader; readonly images: ImageStore };

/** How one image stands in the inventory now. `record` undefined: it is not there and never was known. */
export type RecordedImage = {
  readonly digest: string;
  readonly record: ImageRecord | undefined;
  readonly changed: boolean;
};

export type DigestRequest = {
  readonly digest: string;
  readonly cause: Cause;
  /** In words, where whoever told us said. */
  readonly why?: string;
  /** For how many days what has ended is kept (the policy's `inventory.keepDays`). */
  readonly keepDays: number;
  readonly now: Date;
  /**
   * The image is there, and the inventory did not have it. Done before it is written that it does: whoever is killed in between
   * does it again.
   */
  readonly whenNew?: (image: Image) => Promise<void>;
};

/** Records one digest of one repository as the registry has it: one registry read, and the manifest if it is new. */
export function recordDigest(
  deps: DigestDeps,
  repository: RepositoryRef,
  request: DigestRequest,
): Promise<RecordedImage> {
  return withFence(async () => {
    const previous = await deps.images.findImage(repository, request.digest);
    const read = await deps.registry.findImage(repository, { digest: request.digest });
    return applyImage(deps, { ...request, repository, previous, read });
  });
}

export type ImageApplication = DigestRequest & {
  readonly repository: RepositoryRef;
  /** Read from the store before `read` was read from the registry. */
  readonly previous: ImageRecord | undefined;
  readonly read: Image | undefined;
};

/**
 * Writes what was read, on the fence that was read before it; nothing when nothing differs. Whoever closed, opened or
 * archived a record that was there looks once more: the fence does not see that the image went and came back meanwhile,
 * for the one who heard of that found nothing to write. Throws FenceConflictError if it did: begin again.
 */
export async function applyImage(deps: DigestDeps, it: ImageApplication): Promise<RecordedImage> {
  const { previous, read, repository, digest } = it;
  const manifest = read
    ? await learnManifest(deps, repository, { image: read, previous })
    : (previous?.manifest ?? "not-found");
  const next = nextImageRecord({ ...it, manifest });
  if (!next) return { digest, record: previous, changed: false };
  if (read && previous?.state !== "open") await it.whenNew?.(read);
  const ended = previous && !isSameStage(previous, next) ? previous : undefined;
  await deps.images.putImage(next, ended && settled(ended, it.now, it.keepDays));
  if (ended) {
    const again = await deps.registry.findImage(repository, { digest });
    if (stateOf(again) !== stateOf(read)) throw new FenceConflictError(`Image ${digest}`);
  }
  return { digest, record: next, changed: true };
}

function stateOf(read: Image | undefined): string {
  return read?.status ?? "gone";
}
