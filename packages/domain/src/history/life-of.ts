import type { LifeStage } from "../inventory/life-stages.ts";
import type { ReplicaRecord } from "../inventory/records.ts";
import { registryName } from "../registry/registry.ts";
import { sameRepository } from "../registry/repository.ts";
import { attributeDeeds, type Subject } from "./attribute-deeds.ts";
import type { Deed } from "./deed.ts";
import { copyEntries, stageEntries, stayEntries } from "./happenings.ts";
import type { Happening, LifeEntry } from "./life-entry.ts";
import { mergeLines } from "./merge-lines.ts";
import type { TagStay } from "./tag-stay.ts";

/** What is known of one image in one repository. */
export type ImagePast = Subject & {
  /** By version, oldest first. */
  readonly stages: readonly LifeStage[];
  readonly stays: readonly TagStay[];
  /** Of the image, of those that its tags moved to, and of its repository; others are passed over. */
  readonly deeds: readonly Deed[];
  /** Of its digest, to and from anywhere. */
  readonly replicas: readonly ReplicaRecord[];
};

/**
 * What happened to an image in a repository, oldest first: each stage of its life, each coming and going of a tag, its
 * copies, and who did it where CloudTrail says so. A deed that accounts for nothing we saw stands by itself.
 */
export function lifeOf(past: ImagePast): readonly LifeEntry[] {
  const stages = stageEntries(past.stages, past.replicas.find(cameBy(past)));
  const stays = stayEntries(past.stays);
  const given = attributeDeeds(past, [...stages, ...stays], past.deeds);
  const told = [...stages, ...stays].map((entry, i) => withDeed(entry, given.get(i)));
  const line = timed(stages[0]?.at ?? "");
  const byTag = Map.groupBy(told.slice(stages.length), ({ tag }) => tag);
  const copies = copyEntries(past.replicas, past.place).map(line).toSorted(inOrder);
  const alone = lonely(past, new Set(given.values())).map(line).toSorted(inOrder);
  const lines = [told.slice(0, stages.length), ...byTag.values()].map((its) => its.map(line));
  return mergeLines([...lines, copies, alone], inOrder).map(({ entry }) => entry);
}

type Timed = { readonly entry: LifeEntry; readonly order: string };

/** A copy's arrival may be heard of before the push that it is a copy of; it is told after it all the same. */
function timed(begin: string): (entry: LifeEntry) => Timed {
  return (entry) => ({ entry, order: isCopy(entry) && entry.at < begin ? begin : entry.at });
}

function isCopy({ what }: LifeEntry): boolean {
  return what === "copied" || what === "copy-failed" || what === "copy-late";
}

/** Another image of the registry can have the same tag, not the same digest. */
function cameBy({ place, digest }: Subject): (it: ReplicaRecord) => boolean {
  return (it) =>
    it.digest === digest &&
    registryName(it.destination) === registryName(place) &&
    it.repository === place.repository;
}

function withDeed(entry: LifeEntry, deed: Deed | undefined): LifeEntry {
  if (!deed) return entry;
  const what = entry.what === "deleted" && deed.action === "expire" ? "expired" : entry.what;
  const why = deed.rule ?? entry.why;
  return { ...entry, what, by: deed.by, doneAt: deed.at, ...(why !== undefined && { why }) };
}

/** Deeds of this very image that led to nothing that was seen. */
function lonely({ place, digest, deeds }: ImagePast, given: ReadonlySet<Deed>): readonly LifeEntry[] {
  return deeds
    .filter((deed) => deed.digest === digest && sameRepository(deed, place) && !given.has(deed))
    .map(({ at, action, by, tag, rule, failure }) => {
      const why = failure ?? rule;
      const what = failure === undefined ? "called" : "attempted";
      const named = { ...(tag !== undefined && { tag }), ...(why !== undefined && { why }) };
      return { at, what, action, ...named, by };
    });
}

/** Of what was seen at the same time: an image comes before its tags, and they go before it does. */
const RANKS: Readonly<Record<Happening, number>> = {
  pushed: 0,
  replicated: 0,
  "pulled-through": 0,
  seen: 0,
  restoring: 0,
  restored: 0,
  tagged: 1,
  untagged: 2,
  archived: 3,
  expired: 3,
  deleted: 3,
  copied: 4,
  "copy-failed": 4,
  "copy-late": 4,
  attempted: 5,
  called: 5,
};

function inOrder(a: Timed, b: Timed): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  const rank = RANKS[a.entry.what] - RANKS[b.entry.what];
  const [one = "", other = ""] = [a.entry.tag, b.entry.tag];
  if (rank !== 0 || one === other) return rank;
  return one < other ? -1 : 1;
}
