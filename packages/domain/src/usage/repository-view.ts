import type { ImageStore, ManifestStore, TagStore } from "../inventory/ports.ts";
import type { ImageRecord } from "../inventory/records.ts";
import type { RepositoryRef } from "../registry/repository.ts";

export type RepositoryViewDeps = {
  readonly images: Pick<ImageStore, "listImages">;
  readonly tags: Pick<TagStore, "listTags">;
  readonly manifests: Pick<ManifestStore, "findHeads">;
};

/** How a repository's images hang together, from its own records and strongly consistent: what deciding takes. */
export type RepositoryView = {
  readonly repository: RepositoryRef;
  /** Digests of all that are there. */
  readonly images: ReadonlySet<string>;
  /** Names of the tags that point at a digest. */
  readonly tagsOf: ReadonlyMap<string, readonly string[]>;
  /** Indexes of the repository that hold a digest. */
  readonly parentsOf: ReadonlyMap<string, readonly string[]>;
  /** Indexes, or what may be one, whose manifests are not stored: each may hold any image of the repository. */
  readonly unreadIndexes: readonly string[];
};

const INDEXES: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

export async function viewRepository(
  deps: RepositoryViewDeps,
  repository: RepositoryRef,
): Promise<RepositoryView> {
  const tagsOf = new Map<string, string[]>();
  for await (const { tag, digest } of deps.tags.listTags(repository))
    if (digest !== null) append(tagsOf, digest, tag);
  const images = new Set<string>();
  const indexes: string[] = [];
  for await (const image of deps.images.listImages(repository)) {
    images.add(image.digest);
    if (isIndex(image)) indexes.push(image.digest);
  }
  const heads = await deps.manifests.findHeads(indexes);
  const parentsOf = new Map<string, string[]>();
  for (const { digest, children } of heads.values())
    for (const child of children) append(parentsOf, child.digest, digest);
  const unreadIndexes = indexes.filter((digest) => !heads.has(digest));
  return { repository, images, tagsOf, parentsOf, unreadIndexes };
}

/** What the registry does not say the type of may be one. */
function isIndex({ mediaType }: ImageRecord): boolean {
  return mediaType === undefined || INDEXES.includes(mediaType);
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
