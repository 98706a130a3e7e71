import type { LifecycleDecision } from "@tallyman/domain/lifecycle-policy/evaluate-lifecycle";
import { type FollowDecision, followSubjects } from "@tallyman/domain/lifecycle-policy/follow-subjects";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { Core } from "../core/core.ts";
import { hasReferrers } from "../storage/lifecycle-images.ts";
import {
  listLifecyclePolicies,
  listReferrerHoldersWithoutPolicy,
  type StoredLifecyclePolicy,
} from "../storage/lifecycle-policies.ts";
import { findRepositoryById } from "../storage/repositories.ts";
import { applyDecisions, type Failed, indexesFirst } from "./apply-decisions.ts";
import { executePolicy } from "./execute-policy.ts";
import { createPause, type Pause } from "./pauses.ts";
import { piecesOf, readImages } from "./pieces.ts";

/** What one run did in one repository. */
export type LifecycleRun = RepositoryRef & {
  readonly acted: readonly LifecycleDecision[];
  readonly failed: readonly Failed<LifecycleDecision>[];
  /** Referrers that went with their subjects; no event tells of them. */
  readonly followed: readonly FollowDecision[];
};

export type LifecycleDependencies = { readonly core: Core; readonly onError: (error: unknown) => void };

/**
 * Runs lifecycle policies: `all`, or the `scheduled` ones, which are due because their last run (or their being set) is a
 * day ago. A large repository is done in pieces, each a transaction of its own, between which others are answered; an image
 * that changes between the decision and its piece is left for the next run. One repository that fails is reported, and the
 * others go on; what was done of it stays done, and it stays due.
 */
export async function runLifecycle(
  { core, onError }: LifecycleDependencies,
  which: "all" | "scheduled",
): Promise<readonly LifecycleRun[]> {
  const now = core.now().getTime();
  const policies = listLifecyclePolicies(core.sql).filter(
    (policy) => which === "all" || isDue(policy, { now, interval: core.limits.lifecycleInterval }),
  );
  const others = core.switches.followWithoutPolicy ? listReferrerHoldersWithoutPolicy(core.sql) : [];
  const pause = createPause();
  const runs: LifecycleRun[] = [];
  for (const work of [
    ...policies.map((policy) => ({ id: policy.repositoryId, policy })),
    ...others.map((id) => ({ id, policy: undefined })),
  ]) {
    try {
      runs.push(...(await runOne(core, { ...work, pause })));
    } catch (error) {
      onError(error);
    }
    await pause();
  }
  return runs;
}

/** A clock that was set back must not put off the next run for as long. */
function isDue(
  { setAt, evaluatedAt }: StoredLifecyclePolicy,
  { now, interval }: { readonly now: number; readonly interval: number },
): boolean {
  const elapsed = now - (evaluatedAt ?? setAt);
  return elapsed >= interval || elapsed < 0;
}

type Work = {
  readonly id: number;
  readonly policy: StoredLifecyclePolicy | undefined;
  readonly pause: Pause;
};

async function runOne(core: Core, work: Work): Promise<readonly LifecycleRun[]> {
  const repository = findRepositoryById(core.sql, work.id);
  if (repository === undefined) return [];
  const { policy, pause } = work;
  const { done, failed } =
    policy === undefined
      ? { done: [], failed: [] }
      : await executePolicy(core, { repository, policy, pause });
  const followed = await follow(core, work);
  const { account, region, name } = repository;
  return [{ account, region, repository: name, acted: done, failed, followed }];
}

async function follow(core: Core, { id, pause }: Work): Promise<readonly FollowDecision[]> {
  if (!hasReferrers(core.sql, id)) return [];
  const images = await readImages(core.sql, id, pause);
  const seen = new Map(images.map((image) => [image.digest, image]));
  const decisions = indexesFirst(followSubjects({ images, now: core.now().getTime() }), seen);
  const followed: FollowDecision[] = [];
  for (const piece of piecesOf(decisions)) {
    const done = core.change((change) => {
      const repository = findRepositoryById(change.sql, id);
      return repository && applyDecisions(change, repository, { decisions: piece, seen }).done;
    });
    followed.push(...(done ?? []));
    await pause();
  }
  return followed;
}
