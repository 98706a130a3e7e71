import type { TrailEvent } from "../event/trail/trail-event.ts";
import type { Deed } from "./deed.ts";

/** What is remembered of a record of CloudTrail: one deed for each act. The end of a restore is nobody's: its call was. */
export function deedsOf({ kind, id, time, repository, by, acts }: TrailEvent): readonly Deed[] {
  if (kind === "activation") return [];
  return acts.map(({ tags: _, ...act }, place) => ({
    ...repository,
    event: id,
    place,
    at: time,
    by,
    ...act,
  }));
}
