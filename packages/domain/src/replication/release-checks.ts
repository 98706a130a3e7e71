import { FenceConflictError } from "../inventory/errors.ts";
import { inParallel } from "../inventory/in-parallel.ts";
import type { ReplicaStore } from "../inventory/ports.ts";
import type { ReplicaRecord } from "../inventory/records.ts";
import type { DueCheckQueue } from "./due-check.ts";

/** A look has this long; whatever it has not settled by then is sent again. */
export const LEASE_MS = 10 * 60_000;

/** Copies leased and sent at the same time. */
const AT_ONCE = 16;

/** Copies of one drain, which has a minute: what is left is due in the next one too. */
export const RELEASED_AT_ONCE = 5000;

export type ReleaseDeps = { readonly replicas: ReplicaStore; readonly queue: DueCheckQueue };

/**
 * Sends every expected copy whose time has come to be looked for, up to `limit` of them, and returns how many. Each is
 * leased first: its time moves on, on its version, so that of two drains at once only one sends it, and so that a copy
 * whose message was never sent (a crash between the two), or whose look died, comes again when the lease ends.
 */
export async function releaseChecks(deps: ReleaseDeps, now: Date, limit = RELEASED_AT_ONCE): Promise<number> {
  let released = 0;
  await inParallel(first(limit, deps.replicas.listDue(now.toISOString())), AT_ONCE, async (replica) => {
    if (await release(deps, replica, now)) released += 1;
  });
  return released;
}

async function release(
  { replicas, queue }: ReleaseDeps,
  replica: ReplicaRecord,
  now: Date,
): Promise<boolean> {
  const checkAt = new Date(now.getTime() + LEASE_MS).toISOString();
  const version = replica.version + 1;
  try {
    await replicas.putReplica({ ...replica, checkAt, version });
  } catch (error) {
    // It arrived, or another drain has it: the list is an index, and may be behind.
    if (error instanceof FenceConflictError) return false;
    throw error;
  }
  const { destination, repository, digest, tag } = replica;
  await queue.send({ destination, repository, digest, tag, version });
  return true;
}

async function* first<T>(limit: number, items: AsyncIterable<T>): AsyncIterable<T> {
  let count = 0;
  for await (const item of items) {
    yield item;
    count += 1;
    if (count === limit) return;
  }
}
