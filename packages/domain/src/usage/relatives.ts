import type { InventoryQueries, ManifestStore } from "../inventory/ports.ts";
import type { ManifestHead } from "../manifest/contents.ts";
import { everyPage } from "./every-page.ts";

export type RelativesDeps = {
  readonly manifests: Pick<ManifestStore, "findHeads">;
  readonly queries: Pick<InventoryQueries, "listReferring">;
};

/** How an image is bound to another: it is the one, holds it, is a platform of it, or belongs to it (a signature). */
export type Relation = "same" | "index" | "platform" | "subject";

export type Relatives = {
  /** By digest; each by the nearest way that leads to it. */
  readonly relations: ReadonlyMap<string, Relation>;
  /** Those whose manifests are not stored: what they hold or refer to is not known. */
  readonly unread: readonly string[];
};

/** An image with more is not looked through any further, which says so. */
export class TooManyRelativesError extends Error {
  readonly code = "TOO_MANY_RELATIVES";

  constructor(digest: string) {
    super(
      `${digest} is bound to more than ${MOST_RELATIVES} other manifests; what they say of it is not known.`,
    );
    this.name = "TooManyRelativesError";
  }
}
const MOST_RELATIVES = 2_000;

/** Indexes that hold a digest, as far as whoever asks knows beyond the queries. */
export type KnownParents = (digest: string) => readonly string[];

/**
 * Every manifest whose use is a use of this one. Runtimes tell of an index, or of the platform that they took from it, so
 * that a use of either is one of the other; and an index is kept whole: each platform is used with the others. What refers
 * to an image (a signature, an SBOM) is used with it. Throws TooManyRelativesError beyond 2,000.
 */
export async function relativesOf(
  deps: RelativesDeps,
  digest: string,
  knownParents: KnownParents = () => [],
): Promise<Relatives> {
  const search = newSearch(deps, digest, knownParents);
  await descend(search, [digest], "platform");
  for (const parent of await ascend(search))
    await descend(search, [parent], search.relations.get(parent) ?? "index");
  const unread = [...search.heads].flatMap(([it, head]) => (head === undefined ? [it] : []));
  return { relations: search.relations, unread };
}

type Search = RelativesDeps & {
  readonly digest: string;
  readonly knownParents: KnownParents;
  readonly relations: Map<string, Relation>;
  /** Undefined: looked for, and not stored. */
  readonly heads: Map<string, ManifestHead | undefined>;
};

function newSearch(deps: RelativesDeps, digest: string, knownParents: KnownParents): Search {
  return { ...deps, digest, knownParents, relations: new Map([[digest, "same"]]), heads: new Map() };
}

/** What these hold, and what that holds. */
async function descend(search: Search, from: readonly string[], as: Relation): Promise<void> {
  let level = from;
  while (level.length > 0) {
    const heads = await readHeads(search, level);
    const children = heads.flatMap((head) => head.children.map((child) => child.digest));
    level = [...new Set(children)].filter((child) => add(search, child, as));
  }
}

/** What holds the image or is referred to by it, and what holds that; returns all of them. */
async function ascend(search: Search): Promise<readonly string[]> {
  const found = new Set<string>();
  let level: readonly string[] = [search.digest];
  while (level.length > 0) {
    const parents: string[] = [];
    for (const digest of level)
      for (const [parent, as] of await parentsOf(search, digest)) {
        if (found.has(parent)) continue;
        add(search, parent, as);
        found.add(parent);
        parents.push(parent);
      }
    level = parents;
  }
  return [...found];
}

async function parentsOf(search: Search, digest: string): Promise<ReadonlyMap<string, Relation>> {
  const parents = new Map<string, Relation>();
  for (const head of await readHeads(search, [digest]))
    if (head.subject !== undefined) parents.set(head.subject, "subject");
  const referring = everyPage((page) => search.queries.listReferring(digest, "child", page));
  for await (const parent of referring) parents.set(parent, "index");
  for (const parent of search.knownParents(digest)) parents.set(parent, "index");
  return parents;
}

/** Whether it was not known yet. */
function add({ relations, digest }: Search, relative: string, as: Relation): boolean {
  if (relations.has(relative)) return false;
  relations.set(relative, as);
  if (relations.size > MOST_RELATIVES) throw new TooManyRelativesError(digest);
  return true;
}

async function readHeads(
  { manifests, heads }: Search,
  digests: readonly string[],
): Promise<readonly ManifestHead[]> {
  const missing = digests.filter((digest) => !heads.has(digest));
  const read = missing.length > 0 ? await manifests.findHeads(missing) : undefined;
  for (const digest of missing) heads.set(digest, read?.get(digest));
  return digests.flatMap((digest) => heads.get(digest) ?? []);
}
