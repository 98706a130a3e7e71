import { deleteLayer, listUnusedLayers } from "../storage/layers.ts";
import { listRepositoryIds } from "../storage/repositories.ts";
import type { Core } from "./core.ts";

/** What a collection removed. */
export type Collected = {
  /** Uploads that were abandoned. */
  readonly uploads: number;
  /** Layers of a repository that no image of it uses. */
  readonly layers: number;
  /** Files that no repository knows any more. */
  readonly blobs: number;
};

/**
 * Removes what nothing needs any more, while everything else goes on. A layer goes when no image uses it, it was uploaded
 * longer ago than `limits.unusedLayerLife`, and nobody was told lately that it is there:
 *
 *     push:  HEAD layer -> 200, lease | ............................... | PUT manifest: finds the layer
 *     here:  ......................... | unused and old, but leased: stays |
 *     push:  PUT upload: hold, file in place | row committed, lease, hold ends
 *     here:  .............................. | file without row, but held: stays
 *
 * Rows go in one transaction for each repository, in which no image can be put; files after them.
 */
async function collectGarbage(core: Core, sweepBlobs: () => Promise<number>): Promise<Collected> {
  const uploads = await core.uploads.discardIdle(core.limits.uploadLife);
  let layers = 0;
  for (const repositoryId of listRepositoryIds(core.sql)) {
    layers += collectLayers(core, repositoryId);
    await nextTurn(); // Requests are answered between two repositories.
  }
  return { uploads, layers, blobs: await sweepBlobs() };
}

/**
 * One collection at a time. Who asks while one is under way gets the next one's result: the one under way may have passed
 * by what has become waste since.
 */
export function createCollector(core: Core, sweepBlobs: () => Promise<number>): Collector {
  let running: Promise<Collected> | undefined;
  let next: Promise<Collected> | undefined;
  function start(): Promise<Collected> {
    next = undefined;
    running = collectGarbage(core, sweepBlobs).finally(() => {
      running = undefined;
    });
    return running;
  }
  return {
    collect() {
      if (running === undefined) return start();
      next ??= running.then(start, start);
      return next;
    },
    async ended() {
      await (next ?? running)?.catch(() => undefined); // Whoever asked for it hears of its failure.
    },
  };
}

export type Collector = {
  collect(): Promise<Collected>;
  /** Resolves when none is under way. */
  ended(): Promise<void>;
};

function collectLayers(core: Core, repositoryId: number): number {
  const uploadedBefore = core.now().getTime() - core.limits.unusedLayerLife;
  const unused = listUnusedLayers(core.sql, repositoryId, uploadedBefore).filter(
    (digest) => !core.leases.has(repositoryId, digest),
  );
  if (unused.length === 0) return 0;
  core.change(({ sql }) => {
    for (const digest of unused) deleteLayer(sql, repositoryId, digest);
  });
  return unused.length;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
