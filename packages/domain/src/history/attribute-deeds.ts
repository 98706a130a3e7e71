import type { RepositoryRef } from "../registry/repository.ts";
import { sameRepository } from "../registry/repository.ts";
import type { Deed } from "./deed.ts";
import type { LifeEntry } from "./life-entry.ts";

const MINUTE_MS = 60_000;

/**
 * How long before we saw a state its deed may have been done. An event of ECR is here within seconds; a queue may hold it
 * for minutes. What a reconcile found may have happened since the one before, which is a day at most.
 */
const TOLD_WITHIN_MS = 15 * MINUTE_MS;
export const FOUND_WITHIN_MS = 25 * 60 * MINUTE_MS;

/** CloudTrail's clock may be ahead of ours, and its times are cut to seconds. */
const AHEAD_MS = 5 * MINUTE_MS;

export type Subject = { readonly place: RepositoryRef; readonly digest: string };

/**
 * Who did what, by place among the entries: each takes the nearest deed that fits it, the nearest pair first; of deeds done
 * in the same second, which CloudTrail cannot order, the one that names the entry's tag. One deed can account for several
 * entries (a push for an image and for its tag), but for one of a kind and tag only.
 */
export function attributeDeeds(
  subject: Subject,
  entries: readonly LifeEntry[],
  deeds: readonly Deed[],
): ReadonlyMap<number, Deed> {
  const given = new Map<number, Deed>();
  const taken = new Set<string>();
  for (const { deed, index, entry } of pairsOf(subject, entries, deeds)) {
    const use = `${keyOf(deed)} ${kindOf(entry)} ${entry.tag ?? ""}`;
    if (given.has(index) || taken.has(use)) continue;
    given.set(index, deed);
    taken.add(use);
  }
  return given;
}

function pairsOf(subject: Subject, entries: readonly LifeEntry[], deeds: readonly Deed[]) {
  const pairs = entries.flatMap((entry, index) =>
    deeds
      .filter((deed) => fits(subject, entry, deed) && isNear(entry, deed))
      .map((deed) => ({ deed, entry, index, ...closeness(entry, deed) })),
  );
  return pairs.toSorted(
    (a, b) =>
      a.distance - b.distance ||
      a.index - b.index ||
      a.unnamed - b.unnamed ||
      (keyOf(a.deed) < keyOf(b.deed) ? -1 : 1),
  );
}

function closeness(entry: LifeEntry, deed: Deed) {
  return { distance: Math.abs(apart(entry, deed)), unnamed: deed.tag === entry.tag ? 0 : 1 };
}

/** An end is one end, whether or not we knew that it was a rule's. */
function kindOf({ what }: LifeEntry): string {
  return what === "expired" ? "deleted" : what;
}

function keyOf({ at, event, place }: Deed): string {
  return `${at} ${event} ${String(place).padStart(4, "0")}`;
}

/** How long after the deed the state was seen, in milliseconds. */
function apart(entry: LifeEntry, deed: Deed): number {
  return Date.parse(entry.at) - Date.parse(deed.at);
}

function isNear(entry: LifeEntry, deed: Deed): boolean {
  const within = entry.cause === "reconcile" ? FOUND_WITHIN_MS : TOLD_WITHIN_MS;
  const late = apart(entry, deed);
  return late <= within && late >= -AHEAD_MS;
}

/** Whether the deed can have led to the entry: of this very image, or of the image that its tag moved to. */
function fits({ place, digest }: Subject, entry: LifeEntry, deed: Deed): boolean {
  if (deed.failure !== undefined || !sameRepository(deed, place)) return false;
  if (!leadsTo(entry, deed)) return false;
  if (deed.action === "delete-repository") return true;
  if (deed.digest !== (entry.to ?? digest)) return false;
  if (entry.what === "tagged" || entry.to !== undefined) return deed.tag === entry.tag;
  return entry.what !== "untagged" || deed.tag === undefined || deed.tag === entry.tag;
}

function leadsTo({ what, to, cause }: LifeEntry, { action }: Deed): boolean {
  if (what === "pushed" || what === "seen" || what === "tagged") return action === "push";
  if (what === "archived") return action === "archive" || action === "expire";
  if (what === "restoring" || what === "restored") return action === "restore";
  if (what === "untagged" && to !== undefined) return action === "push";
  if (what !== "deleted" && what !== "expired" && what !== "untagged") return false;
  if (cause === "lifecycle") return action === "expire";
  if (cause === "repository-delete") return action === "delete-repository";
  return action === "delete" || action === "expire" || action === "delete-repository";
}
