import type { LifeStage } from "../inventory/life-stages.ts";
import type { InventoryQueries, Page, PageRequest, TagStore } from "../inventory/ports.ts";
import type { Subject } from "./attribute-deeds.ts";
import { FOUND_WITHIN_MS } from "./attribute-deeds.ts";
import type { Deed, DeedQueries } from "./deed.ts";
import type { LifeEntry } from "./life-entry.ts";
import { lifeOf } from "./life-of.ts";
import { mergeStays, type TagStay } from "./tag-stay.ts";

export type LifeDeps = {
  readonly queries: Pick<InventoryQueries, "listImageLife" | "listTagStays" | "listReplicas">;
  readonly tags: Pick<TagStore, "listTagsOf">;
  readonly deeds: DeedQueries;
};

/** `complete: false`: there was more than is read at once, and the latest of it is missing. */
export type Life = { readonly entries: readonly LifeEntry[]; readonly complete: boolean };

/** So many of each kind are read: a story for people. */
const MOST = 1000;

/** Of so many images that its tags moved to it is asked who pushed them. */
const MOVED_TO = 20;

/** What happened to an image in a repository, from everything that is known of it. Eventually consistent. */
export async function readLife(deps: LifeDeps, subject: Subject): Promise<Life> {
  const { place, digest } = subject;
  const { queries } = deps;
  const [stages, settled, replicas, own] = await Promise.all([
    upTo(MOST, (page) => queries.listImageLife(place, digest, page)),
    upTo(MOST, (page) => queries.listTagStays(place, digest, page)),
    upTo(MOST, (page) => queries.listReplicas({ digest }, page)),
    upTo(MOST, (page) => deps.deeds.listDeeds({ digest, repository: place }, page)),
  ]);
  const stays = mergeStays(digest, await Array.fromAsync(deps.tags.listTagsOf(place, digest)), settled.items);
  const others = await Promise.all([...movedTo(stays)].map((to) => deedsOfOther(deps, subject, to)));
  const ends = await endsOfRepository(deps, subject, stages.items);
  const deeds = [...own.items, ...others.flat(), ...ends];
  const read = { stages: stages.items, replicas: replicas.items, stays, deeds };
  const complete = [stages, settled, replicas, own].every((it) => it.next === undefined);
  return { entries: lifeOf({ ...subject, ...read }), complete };
}

function movedTo(stays: readonly TagStay[]): ReadonlySet<string> {
  const others = stays.flatMap(({ ended }) => (ended?.to ? [ended.to] : []));
  return new Set(others.slice(-MOVED_TO));
}

async function deedsOfOther(deps: LifeDeps, { place }: Subject, digest: string): Promise<readonly Deed[]> {
  return (await upTo(MOST, (page) => deps.deeds.listDeeds({ digest, repository: place }, page))).items;
}

/** Who deleted the repository, where the image may have gone with it: such a deed names no image. */
async function endsOfRepository(
  { deeds }: LifeDeps,
  { place }: Subject,
  stages: readonly LifeStage[],
): Promise<readonly Deed[]> {
  const last = stages.at(-1);
  if (last?.state !== "closed" || (last.cause !== "repository-delete" && last.cause !== "reconcile"))
    return [];
  const from = new Date(Date.parse(last.since) - FOUND_WITHIN_MS).toISOString();
  const { items } = await upTo(MOST, (page) => deeds.listDeeds({ repository: place, from }, page));
  return items.filter(({ action }) => action === "delete-repository");
}

/** Pages until there are `most` items or no more; `next` says that there are. */
export async function upTo<T>(most: number, read: (page: PageRequest) => Promise<Page<T>>): Promise<Page<T>> {
  let page = await read({ limit: most });
  const items = [...page.items];
  while (page.next !== undefined && items.length < most) {
    page = await read({ limit: most - items.length, next: page.next });
    items.push(...page.items);
  }
  return { ...page, items };
}
