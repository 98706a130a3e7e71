import type { TrailEvent } from "../event/trail/trail-event.ts";
import { inParallel } from "../inventory/in-parallel.ts";
import { forgetAfter } from "../inventory/settled.ts";
import type { DeedLog } from "./deed.ts";
import { deedsOf } from "./deeds-of.ts";

/** Item writes at the same time. */
const AT_ONCE = 16;

/** Appends what a record of CloudTrail tells of, each deed once, to be kept for `keepDays` days. Returns how many there are. */
export async function rememberDeeds(log: DeedLog, event: TrailEvent, keepDays: number): Promise<number> {
  const deeds = deedsOf(event);
  const forgetAt = forgetAfter(new Date(event.time), keepDays);
  await inParallel(deeds, AT_ONCE, (deed) => log.append(deed, forgetAt));
  return deeds.length;
}
