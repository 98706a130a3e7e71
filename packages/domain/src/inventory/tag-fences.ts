import type { RepositoryRef } from "../registry/repository.ts";
import type { TagVerdict } from "../tagging-rule/verdict.ts";
import type { ImageStore, TagStore, ViolationStore } from "./ports.ts";
import type { ImageRecord, TagPointer, ViolationRecord } from "./records.ts";

/** Everything that recording a tag may write, read before the registry is. */
export type TagFences = {
  readonly pointer: TagPointer | undefined;
  /** What is stored of the image that the message names. */
  readonly image: ImageRecord | undefined;
  /** Digests whose violations were read. */
  readonly digests: ReadonlySet<string>;
  /** For each rule that the tag breaks, and each of those digests. */
  readonly violations: readonly ViolationFence[];
};
export type ViolationFence = {
  readonly verdict: TagVerdict;
  readonly digest: string;
  readonly previous: ViolationRecord | undefined;
};

type Stores = { readonly images: ImageStore; readonly tags: TagStore; readonly violations: ViolationStore };
type Named = { readonly repository: RepositoryRef; readonly tag: string; readonly digest?: string };
type Breached = { readonly breaches: readonly TagVerdict[]; readonly digests: ReadonlySet<string> };

/** Reads violations at the given digests and where the pointer is. A tag that breaks no rule costs two reads in all. */
export async function readTagFences(
  { images, tags, violations }: Stores,
  { repository, tag, digest }: Named,
  { breaches, digests: given }: Breached,
): Promise<TagFences> {
  const pointer = await tags.findTag(repository, tag);
  const digests = new Set([...given, ...(pointer?.digest ? [pointer.digest] : [])]);
  const keys = breaches.flatMap((verdict) => [...digests].map((at) => ({ verdict, digest: at })));
  const [image, ...fences] = await Promise.all([
    digest === undefined ? undefined : images.findImage(repository, digest),
    ...keys.map(async (key): Promise<ViolationFence> => {
      const at = { ...repository, rule: key.verdict.rule, digest: key.digest, tag };
      return { ...key, previous: await violations.findViolation(at) };
    }),
  ]);
  return { pointer, image, digests, violations: fences };
}
