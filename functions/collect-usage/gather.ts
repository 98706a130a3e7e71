import type { RegistryConsumers, UsageItem } from "@tallyman/domain/usage/evidence";
import { MOST_ITEMS } from "@tallyman/domain/usage/evidence";
import type { Collected } from "@tallyman/domain/usage/ports";
import type { CollectUsageDeps } from "./deps.ts";
import { TooMuchToCollectError } from "./errors.ts";
import type { CollectionJob } from "./schema.ts";

/** Two thirds of what the function may take (`stacks/consumers.ts`): the rest is for applying what was found. */
const WORK_MILLISECONDS = 600_000;
/** A collection that takes longer than this many messages never ends. */
const MOST_PARTS = 24;

/** What one request brought. */
export type Found = {
  readonly items?: readonly UsageItem[];
  readonly policies?: RegistryConsumers["policies"];
  readonly next?: string;
};

/** Everything, as of when the first request was made. */
export type Gathered = Collected & { readonly startedAt: string };

/**
 * Asks page by page. When time is short, what was found so far is kept in the bucket and a message goes on with the next
 * page: then `undefined`, as when a message comes again whose collection is through. Nothing is applied but a whole.
 */
export async function gather(
  deps: CollectUsageDeps,
  job: CollectionJob,
  ask: (from: string | undefined) => Promise<Found>,
): Promise<Gathered | undefined> {
  const begin = deps.elapsed();
  const startedAt = job.startedAt ?? deps.now().toISOString();
  const known = await foundBefore(deps, job);
  if (known === undefined) return undefined;
  const items = new Map(known.items.map((item) => [identityOf(item), item]));
  const policies: Record<string, readonly string[]> = { ...known.policies };
  const collected = () => ({ items: [...items.values()], policies });
  let { next } = job;
  do {
    const found = await ask(next);
    for (const item of found.items ?? []) remember(items, item);
    Object.assign(policies, found.policies);
    if (items.size > MOST_ITEMS) throw new TooMuchToCollectError(job, `${MOST_ITEMS} different uses`);
    next = found.next;
    if (next === undefined) return { ...collected(), startedAt };
  } while (deps.elapsed() - begin < WORK_MILLISECONDS);
  await handOn(deps, { ...job, next, startedAt }, collected());
  return undefined;
}

/** Throws away what its parts kept. */
export async function forget(deps: CollectUsageDeps, job: CollectionJob): Promise<void> {
  if (job.part > 0) await deps.collections.dropCollected(partOf(job));
}

async function foundBefore(deps: CollectUsageDeps, job: CollectionJob): Promise<Collected | undefined> {
  if (job.part === 0) return { items: [], policies: {} };
  const found = await deps.collections.findCollected(partOf(job));
  if (found === undefined) deps.telemetry.log.debug("collection is through", { run: job.run });
  return found;
}

async function handOn(deps: CollectUsageDeps, job: CollectionJob, collected: Collected): Promise<void> {
  const rest = { ...job, part: job.part + 1 };
  if (rest.part >= MOST_PARTS) throw new TooMuchToCollectError(job, `${MOST_PARTS} messages`);
  await deps.collections.putCollected(partOf(rest), collected);
  await deps.queue.send(rest);
  const { run, part } = rest;
  deps.telemetry.log.info("collection goes on", { run, part, items: collected.items.length });
}

function partOf(job: CollectionJob) {
  const { account, region, run, part } = job;
  return { source: job.kind === "collect" ? job.source : "consumers", account, region, run, part };
}

/** A thousand tasks of one service use an image once. */
function remember(items: Map<string, UsageItem>, item: UsageItem): void {
  const identity = identityOf(item);
  const known = items.get(identity);
  if (known === undefined || (item.seenAt ?? "") > (known.seenAt ?? "")) items.set(identity, item);
}

function identityOf({ image, digest, kind, account, region, cluster, service }: UsageItem): string {
  return JSON.stringify([image, digest, kind, account, region, cluster, service]);
}
