import {
  evaluateLifecycle,
  type LifecycleDecision,
} from "@tallyman/domain/lifecycle-policy/evaluate-lifecycle";
import { type FollowDecision, followSubjects } from "@tallyman/domain/lifecycle-policy/follow-subjects";
import type { LifecycleImage } from "@tallyman/domain/lifecycle-policy/lifecycle-image";
import { parseLifecyclePolicy } from "@tallyman/domain/lifecycle-policy/parse-lifecycle-policy";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { Change, Core } from "../core/core.ts";
import type { LifecycleSettings } from "../core/lifecycle-settings.ts";
import { lifecycleEvents } from "../events/lifecycle-event.ts";
import { listLifecycleImages } from "../storage/lifecycle-images.ts";
import {
  listLifecyclePolicies,
  listReferrerHoldersWithoutPolicy,
  type StoredLifecyclePolicy,
  setEvaluated,
} from "../storage/lifecycle-policies.ts";
import { findRepositoryById, type Repository } from "../storage/repositories.ts";
import { type Applied, applyDecisions, blockedFailures, type Failed } from "./apply-decisions.ts";

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
 * day ago. One transaction for each repository, in which nothing else happens; one that fails is reported, and the others
 * go on. 10,000 expired images take about half a second, in which nothing else is answered.
 */
export function runLifecycle(
  { core, onError }: LifecycleDependencies,
  which: "all" | "scheduled",
): readonly LifecycleRun[] {
  const settings = core.limits.lifecycle;
  const now = core.now().getTime();
  const policies = listLifecyclePolicies(core.sql).filter(
    (policy) => which === "all" || isDue(policy, { now, interval: settings.interval }),
  );
  const others = settings.followWithoutPolicy ? listReferrerHoldersWithoutPolicy(core.sql) : [];
  const work = [
    ...policies.map((policy) => ({ id: policy.repositoryId, policy })),
    ...others.map((id) => ({ id, policy: undefined })),
  ];
  return work.flatMap(({ id, policy }) => {
    try {
      return core.change((change) => runOne(change, { id, policy, settings }));
    } catch (error) {
      onError(error);
      return [];
    }
  });
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
  readonly settings: LifecycleSettings;
};

function runOne(change: Change, { id, policy, settings }: Work): readonly LifecycleRun[] {
  const repository = findRepositoryById(change.sql, id);
  if (repository === undefined) return [];
  const { done, failed } = policy === undefined ? NOTHING : execute(change, repository, { policy, settings });
  const images = listLifecycleImages(change.sql, id);
  const decisions = followSubjects({ images, now: change.now.getTime() });
  const followed = applyDecisions(change, repository, decisions).done;
  const { account, region, name } = repository;
  return [{ account, region, repository: name, acted: done, failed, followed }];
}

const NOTHING: Applied<LifecycleDecision> = { done: [], failed: [] };

function execute(
  change: Change,
  repository: Repository,
  { policy, settings }: { readonly policy: StoredLifecyclePolicy; readonly settings: LifecycleSettings },
): Applied<LifecycleDecision> {
  const images = listLifecycleImages(change.sql, repository.id);
  const parsed = parseLifecyclePolicy(policy.text, settings);
  const now = change.now.getTime();
  const { decisions, blocked } = evaluateLifecycle(parsed, { images, now }, settings);
  const { done, failed } = applyDecisions(change, repository, decisions);
  const failures = [...failed, ...blockedFailures(blocked)];
  const entryOf = entries(images);
  const events = lifecycleEvents({
    name: "PolicyExecutionEvent",
    repository,
    time: change.now,
    policy: { ...policy, rules: parsed.rules, evaluatedAt: policy.evaluatedAt ?? 0 },
    acted: done.flatMap(entryOf),
    failed: failures.flatMap(({ decision, failure }) =>
      entryOf(decision).map((entry) => ({ ...entry, ...failure })),
    ),
  });
  for (const event of events) change.emit(event);
  setEvaluated(change.sql, repository.id, now);
  return { done, failed: failures };
}

/** A decision with its image as it was before. */
export function entries(images: readonly LifecycleImage[]) {
  const byDigest = new Map(images.map((image) => [image.digest, image]));
  return ({ digest, rulePriority }: LifecycleDecision) => {
    const image = byDigest.get(digest);
    return image === undefined ? [] : [{ image, rulePriority }];
  };
}
