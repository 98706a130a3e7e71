import type { Image } from "../image/image.ts";
import type { RegistryReader } from "../image/ports.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { FenceConflictError } from "./errors.ts";
import { learnManifest, type ManifestDeps } from "./learn-manifest.ts";
import { nextImageRecord } from "./next-image-record.ts";
import type { ImageStore } from "./ports.ts";
import type { ImageRecord } from "./records.ts";
import { withFence } from "./with-fence.ts";

export type DigestDeps = ManifestDeps & { readonly registry: RegistryReader; readonly images: ImageStore };

/** How one image stands in the inventory now. `record` undefined: it is not there and never was known. */
export type RecordedImage = {
  readonly digest: string;
  readonly record: ImageRecord | undefined;
  readonly changed: boolean;
};

/** An image that changed at each of so many looks is left to a later try of the message. */
const MAX_LOOKS = 5;

/**
 * Records one digest of one repository as the registry has it: one registry read, the manifest if it is new, and a second
 * look by whoever wrote (see recordTag: a fence does not see what changed and changed back).
 */
export async function recordDigest(
  deps: DigestDeps,
  repository: RepositoryRef,
  { digest, now }: { readonly digest: string; readonly now: Date },
): Promise<RecordedImage> {
  let changed = false;
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const recorded = await withFence(async () => {
      const previous = await deps.images.findImage(repository, digest);
      const read = await deps.registry.findImage(repository, { digest });
      return applyImage(deps, { repository, digest, previous, read, now });
    });
    changed ||= recorded.changed;
    if (!recorded.changed || !recorded.record) return { ...recorded, changed };
    if (agreesWith(recorded.record, await deps.registry.findImage(repository, { digest }))) return recorded;
  }
  throw new FenceConflictError(`Image ${digest} of ${repository.repository}`);
}

/** Whether a record still is what the registry says. */
export function agreesWith(record: ImageRecord, read: Image | undefined): boolean {
  const { digest, manifest } = record;
  const now = new Date(0);
  return nextImageRecord({ repository: record, digest, previous: record, read, manifest, now }) === undefined;
}

export type ImageApplication = {
  readonly repository: RepositoryRef;
  readonly digest: string;
  /** Read from the store before `read` was read from the registry. */
  readonly previous: ImageRecord | undefined;
  readonly read: Image | undefined;
  readonly now: Date;
};

/** Writes what was read, on the fence that was read before it; nothing when nothing differs. */
export async function applyImage(deps: DigestDeps, it: ImageApplication): Promise<RecordedImage> {
  const { previous, read, digest } = it;
  const manifest = read
    ? await learnManifest(deps, it.repository, { image: read, previous })
    : (previous?.manifest ?? "not-found");
  const next = nextImageRecord({ ...it, manifest });
  if (!next) return { digest, record: previous, changed: false };
  const reopened = previous?.state === "closed" && next.state === "open";
  await deps.images.putImage(next, reopened ? previous : undefined);
  return { digest, record: next, changed: true };
}
