import type { TaskStateEvent } from "../event/task-state.ts";
import { withFence } from "../inventory/with-fence.ts";
import { parseImageUri } from "../registry/image-uri.ts";
import { registryName } from "../registry/registry.ts";
import type { UsageKey, UsageRecord } from "./evidence.ts";
import { SEEN_INTERVAL_MS } from "./in-force.ts";
import { EVENTS_SOURCE } from "./sources.ts";
import { kindsOf, latest } from "./use.ts";
import type { UseRecords } from "./write-uses.ts";

export type NoteUseOptions = {
  readonly now: Date;
  /** For how many days the record is kept after it was last written: the policy's `inventory.keepDays`. */
  readonly keepDays: number;
};

const DAY_MS = 24 * 3600 * 1000;

/**
 * Writes down that a task runs, or has stopped: every image of a private ECR registry whose digest the agent knew is used by
 * the task's service (or family) in its cluster. One record for each digest and service, however many tasks there are, and
 * written again only when what it says is 40 minutes old. Returns how many were written.
 */
export async function noteUse(
  store: UseRecords,
  event: TaskStateEvent,
  options: NoteUseOptions,
): Promise<number> {
  const seenAt = new Date(Math.min(Date.parse(event.time), options.now.getTime())).toISOString();
  let written = 0;
  for (const [digest, image] of imagesOf(event)) {
    const use = { event, digest, image, seenAt, ...options };
    if (await withFence(() => noteOne(store, use))) written += 1;
  }
  return written;
}

/** Sidecars that ECS adds by itself have a digest, but no image that we could name. */
function imagesOf(event: TaskStateEvent): ReadonlyMap<string, string> {
  const images = new Map<string, string>();
  for (const { image, digest } of event.containers) {
    const uri = parseImageUri(image);
    for (const used of [digest, uri?.digest]) if (uri && used !== undefined) images.set(used, image);
  }
  return images;
}

type Noted = NoteUseOptions & {
  readonly event: TaskStateEvent;
  readonly digest: string;
  readonly image: string;
  readonly seenAt: string;
};

async function noteOne(store: UseRecords, use: Noted): Promise<boolean> {
  const previous = await store.findUsage(keyOf(use));
  if (previous?.seenAt !== undefined && isFresh(previous.seenAt, use.seenAt)) return false;
  await store.putUsage(recordOf(previous, use));
  return true;
}

/** Also what came late, and is older than what is known. */
function isFresh(known: string, seen: string): boolean {
  return Date.parse(seen) - Date.parse(known) < SEEN_INTERVAL_MS;
}

function keyOf({ event, digest }: Noted): UsageKey {
  const { account, cluster, service } = event;
  const scope = registryName(event);
  return { subject: { digest }, source: EVENTS_SOURCE, scope, account, cluster, service };
}

function recordOf(previous: UsageRecord | undefined, use: Noted): UsageRecord {
  const { event, image, seenAt, now, keepDays } = use;
  const kind = event.status === "RUNNING" ? "running" : "stopped";
  return {
    ...keyOf(use),
    region: event.region,
    kinds: kindsOf([kind, ...(previous?.kinds ?? [])]),
    image,
    firstSeen: previous?.firstSeen ?? seenAt,
    seenAt: latest(seenAt, previous?.seenAt ?? seenAt),
    forgetAt: new Date(now.getTime() + keepDays * DAY_MS).toISOString(),
    version: (previous?.version ?? 0) + 1,
  };
}
