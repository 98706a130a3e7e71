import { inParallel } from "../inventory/in-parallel.ts";
import type { InventoryQueries } from "../inventory/ports.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { everyPage } from "./every-page.ts";
import type { SourceState, UsageRecord } from "./evidence.ts";
import { isInForce } from "./in-force.ts";
import type { SourceStateStore, UsageStore } from "./ports.ts";
import { type Relation, type RelativesDeps, relativesOf } from "./relatives.ts";

export type UsesDeps = RelativesDeps & {
  readonly queries: Pick<InventoryQueries, "listReferring" | "listTagsByDigest">;
  readonly usage: Pick<UsageStore, "listUsage">;
  readonly states: Pick<SourceStateStore, "findState">;
};

/** `tag`: whatever the tag points at is used; otherwise how the digest that is used is bound to the one asked for. */
export const VIAS = ["digest", "index", "platform", "subject", "tag"] as const;
export type Via = (typeof VIAS)[number];

/** One use, in force, of an image or of what stands and falls with it. */
export type UseFound = Pick<
  UsageRecord,
  "source" | "scope" | "account" | "region" | "cluster" | "service" | "kinds" | "image" | "firstSeen"
> & {
  readonly via: Via;
  /** The digest that is used, or that the tag points to. */
  readonly digest: string;
  readonly tag?: RepositoryRef & { readonly tag: string };
  /** ISO 8601: the source's last report that tells of it, or when it was last seen to run. */
  readonly lastSeen: string;
  /** Since when its source does not see it any more; it counts for a while yet. */
  readonly endedAt?: string;
};

/** As of when, and for how many hours an ended use counts (`usage.recentlyStoppedHours`). */
export type UsesAsOf = { readonly now: Date; readonly recentlyStoppedHours: number };

export type UsesOf = {
  /** By account, cluster, service. */
  readonly uses: readonly UseFound[];
  /** Manifests bound to it that are not stored: whether more is bound to it is not known. */
  readonly unread: readonly string[];
};

type Pointing = RepositoryRef & { readonly tag: string };

/**
 * Where a digest is used, in whichever registry it lies: uses of it, of the indexes that hold it, of the platforms that it
 * holds, and of every tag that points at one of those. Throws TooManyRelativesError.
 *
 * Relations and tags are read from indexes, which show what was just written a moment later: to tell people, not to decide
 * (is-in-use.ts).
 */
export async function usesOf(deps: UsesDeps, digest: string, asOf: UsesAsOf): Promise<UsesOf> {
  const { relations, unread } = await relativesOf(deps, digest);
  const tagsOf = (of: string) => everyPage((page) => deps.queries.listTagsByDigest(of, page));
  return { uses: await usesOfRelatives(deps, { relations, tagsOf }, asOf), unread };
}

type Searched = {
  readonly relations: ReadonlyMap<string, Relation>;
  readonly tagsOf: (digest: string) => AsyncIterable<Pointing>;
};

const AT_ONCE = 8;

/** The uses in force of all of these, and of the tags that point at them. */
export async function usesOfRelatives(
  deps: Pick<UsesDeps, "usage" | "states">,
  { relations, tagsOf }: Searched,
  asOf: UsesAsOf,
): Promise<readonly UseFound[]> {
  const { now, recentlyStoppedHours } = asOf;
  const found: UseFound[] = [];
  const lastSeen = lastSeenReader(deps.states);
  const collect = async (
    records: AsyncIterable<UsageRecord>,
    as: Pick<UseFound, "via" | "digest" | "tag">,
  ) => {
    for await (const record of records)
      if (isInForce(record, now, recentlyStoppedHours))
        found.push(useFound(record, as, await lastSeen(record)));
  };
  await inParallel(relations, AT_ONCE, async ([digest, relation]) => {
    const via = relation === "same" ? "digest" : relation;
    await collect(deps.usage.listUsage({ digest }), { via, digest });
    for await (const pointer of tagsOf(digest)) {
      const tag = tagOf(pointer);
      const { tag: name, ...repository } = tag;
      await collect(deps.usage.listUsage({ repository, tag: name }), { via: "tag", digest, tag });
    }
  });
  return found.toSorted(byPlace);
}

function tagOf({ account, region, repository, tag }: Pointing): Pointing {
  return { account, region, repository, tag };
}

function useFound(
  record: UsageRecord,
  as: Pick<UseFound, "via" | "digest" | "tag">,
  lastSeen: string,
): UseFound {
  const { source, scope, account, region, cluster, service, kinds, image, firstSeen, endedAt } = record;
  const place = { source, scope, account, ...(region !== undefined && { region }), cluster, service };
  return { ...place, kinds, image, ...as, firstSeen, lastSeen, ...(endedAt !== undefined && { endedAt }) };
}

/** What goes on is as fresh as its source's last report; the state of each scope is read once. */
function lastSeenReader(states: UsesDeps["states"]): (record: UsageRecord) => Promise<string> {
  const known = new Map<string, Promise<SourceState | undefined>>();
  return async ({ source, scope, seenAt, endedAt, firstSeen }) => {
    const told = seenAt ?? endedAt;
    if (told !== undefined) return told;
    const name = `${source}#${scope}`;
    const state = known.get(name) ?? states.findState(source, scope);
    known.set(name, state);
    return (await state)?.observedAt ?? firstSeen;
  };
}

function byPlace(a: UseFound, b: UseFound): number {
  return placeOf(a) < placeOf(b) ? -1 : 1;
}

function placeOf({ account, cluster, service, source, scope, digest, tag }: UseFound): string {
  return JSON.stringify([account, cluster, service, source, scope, digest, tag?.repository, tag?.tag]);
}
