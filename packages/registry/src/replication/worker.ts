import type { Core } from "../core/core.ts";
import { replicationFailed } from "../events/replication-action.ts";
import type { Trail } from "../events/trail/trail.ts";
import { finishJob, nextJob, type ReplicationJob } from "../storage/replication-jobs.ts";
import { findRepositoryById } from "../storage/repositories.ts";
import { copyImage } from "./copy-image.ts";
import { recordCopy } from "./record-copy.ts";

export type ReplicationWorker = {
  /** There may be new jobs. */
  wake(): void;
  /** Resolves when no job is open. */
  idle(): Promise<void>;
  /** Ends after the job at hand; open jobs go on when the registry is opened again. */
  stop(): Promise<void>;
};

export type WorkerDependencies = {
  readonly core: Core;
  readonly trail: Trail;
  readonly onError: (error: unknown) => void;
};

/**
 * Works off the replication jobs one by one, in the order in which they were asked for, so that a tag ends where it
 * ended at the source. The job is closed after the copy is committed: a crash in between repeats it.
 */
export function startReplicationWorker(deps: WorkerDependencies): ReplicationWorker {
  let running: Promise<void> | undefined;
  let stopped = false;

  async function run(): Promise<void> {
    await nextTurn(); // Never inside the request that asked for it.
    try {
      for (let job = next(); job !== undefined; job = next()) await work(deps, job);
    } catch (error) {
      deps.onError(error);
    } finally {
      running = undefined; // In the same turn as the look that found nothing: no wake-up falls in between.
    }
  }
  function next(): ReplicationJob | undefined {
    return stopped ? undefined : nextJob(deps.core.sql);
  }
  function wake(): void {
    if (stopped || running !== undefined) return;
    running = run();
  }
  async function idle(): Promise<void> {
    while (next() !== undefined) {
      wake();
      await running;
    }
    await running;
  }
  async function stop(): Promise<void> {
    stopped = true;
    await running;
  }
  return { wake, idle, stop };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function work(deps: WorkerDependencies, job: ReplicationJob): Promise<void> {
  const { core, onError } = deps;
  const source = findRepositoryById(core.sql, job.repositoryId);
  if (source === undefined) return; // Deleted with its jobs.
  const destination = { account: job.account, region: job.region };
  const outcome = await copyImage(core, {
    source,
    destination,
    digest: job.digest,
    tag: job.tag,
  }).catch((error: unknown) => {
    onError(error);
    return { failureCode: "InternalError" } as const;
  });
  core.change((change) => {
    finishJob(change.sql, job.sequence, outcome);
    if (outcome.failureCode !== null && change.switches.replicationFailureEvents) {
      const { name: repository, account, region } = source;
      const { digest, tag } = job;
      const copy = { repository, digest, tag, source: { account, region }, destination, time: change.now };
      change.emit(replicationFailed(copy));
    }
  });
  recordCopy(deps.trail, { source, job, outcome });
}
