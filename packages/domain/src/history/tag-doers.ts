import type { TagInterval } from "../inventory/records.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { attributeDeeds, FOUND_WITHIN_MS } from "./attribute-deeds.ts";
import type { Deed, DeedQueries } from "./deed.ts";
import type { LifeEntry } from "./life-entry.ts";
import { upTo } from "./read-life.ts";

/** `by`: who brought the tag there, or away, where CloudTrail says so. */
export type DoneInterval = TagInterval & { readonly by?: string };

/** So many deeds of one image are read. */
const MOST = 1000;
const AT_ONCE = 10;

/**
 * Who moved a tag. That it is gone was done to the image at which it pointed before: of a page that begins so nobody is
 * named, for that image is on the page before.
 */
export async function withDoers(
  deeds: DeedQueries,
  place: RepositoryRef,
  intervals: readonly TagInterval[],
): Promise<readonly DoneInterval[]> {
  const digests = intervals.map(({ digest }, i) => digest ?? intervals[i - 1]?.digest ?? undefined);
  const distinct = [...new Set(digests.flatMap((digest) => digest ?? []))];
  const ends = await endsOfRepository(deeds, place, intervals);
  const doers = new Map<number, string>();
  for (let from = 0; from < distinct.length; from += AT_ONCE) {
    const batch = distinct.slice(from, from + AT_ONCE);
    await Promise.all(
      batch.map(async (digest) => {
        const { items } = await upTo(MOST, (page) => deeds.listDeeds({ digest, repository: place }, page));
        const its = intervals
          .map((interval, i) => ({ interval, i }))
          .filter(({ i }) => digests[i] === digest);
        const known = [...items, ...ends];
        for (const [i, by] of doersOf(place, digest, { its, deeds: known })) doers.set(i, by);
      }),
    );
  }
  return intervals.map((interval, i) => {
    const by = doers.get(i);
    return by === undefined ? interval : { ...interval, by };
  });
}

/** Of so many ends of tags it is asked who deleted the repository: the latest. */
const ENDS = 5;

/** Who deleted the repository, where the tag may have gone with it: such a deed names no image. */
async function endsOfRepository(
  deeds: DeedQueries,
  place: RepositoryRef,
  intervals: readonly TagInterval[],
): Promise<readonly Deed[]> {
  const gone = intervals.filter(
    ({ digest, cause }) => digest === null && (cause === "repository-delete" || cause === "reconcile"),
  );
  const found = gone.slice(-ENDS).map(async ({ since }) => {
    const from = new Date(Date.parse(since) - FOUND_WITHIN_MS).toISOString();
    const { items } = await upTo(MOST, (page) => deeds.listDeeds({ repository: place, from }, page));
    return items.filter(({ action }) => action === "delete-repository");
  });
  const all = (await Promise.all(found)).flat();
  return [...new Map(all.map((deed) => [`${deed.at} ${deed.event}`, deed])).values()];
}

function doersOf(
  place: RepositoryRef,
  digest: string,
  {
    its,
    deeds,
  }: { readonly its: readonly { interval: TagInterval; i: number }[]; readonly deeds: readonly Deed[] },
): ReadonlyMap<number, string> {
  const entries = its.map(({ interval }) => entryOf(interval));
  const given = attributeDeeds({ place, digest }, entries, deeds);
  return new Map([...given].map(([at, { by }]) => [its[at]?.i ?? 0, by]));
}

function entryOf({ tag, digest, since, cause }: TagInterval): LifeEntry {
  return { at: since, what: digest === null ? "untagged" : "tagged", tag, cause };
}
