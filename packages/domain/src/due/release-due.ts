import type { DueStore } from "../inventory/ports.ts";
import type { DueItem } from "./due-item.ts";
import type { DueQueue } from "./ports.ts";

/** A consumer has this long; whatever it has not finished by then is sent again. */
export const LEASE_MS = 10 * 60_000;

/** Items leased and sent at the same time. */
const AT_ONCE = 16;

/**
 * Sends every item whose time has come to the queue of its kind and returns how many. Each is leased first: its time
 * moves on, on its version, so that of two drains at once only one sends it, and so that an item whose message was
 * never sent (a crash between the two), or whose consumer died, comes again when the lease ends.
 */
export async function releaseDue(
  deps: { readonly due: DueStore; readonly queue: DueQueue },
  now: Date,
): Promise<number> {
  let released = 0;
  let batch: DueItem[] = [];
  for await (const item of deps.due.listDue(now.toISOString())) {
    batch.push(item);
    if (batch.length < AT_ONCE) continue;
    released += await releaseAll(deps, batch, now);
    batch = [];
  }
  return released + (await releaseAll(deps, batch, now));
}

async function releaseAll(
  deps: Parameters<typeof releaseDue>[0],
  items: readonly DueItem[],
  now: Date,
): Promise<number> {
  const sent = await Promise.all(items.map((item) => release(deps, item, now)));
  return sent.filter(Boolean).length;
}

async function release(
  { due, queue }: Parameters<typeof releaseDue>[0],
  item: DueItem,
  now: Date,
): Promise<boolean> {
  const dueAt = new Date(now.getTime() + LEASE_MS).toISOString();
  const leased: DueItem = { ...item, dueAt, version: item.version + 1 };
  if ((await due.putDue(leased)) === "already-there") return false;
  await queue.send(leased);
  return true;
}
