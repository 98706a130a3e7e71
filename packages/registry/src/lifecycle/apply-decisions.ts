import type {
  LifecycleDecision,
  LifecycleOutcome,
} from "@tallyman/domain/lifecycle-policy/evaluate-lifecycle";
import type { FollowDecision } from "@tallyman/domain/lifecycle-policy/follow-subjects";
import type { Change } from "../core/core.ts";
import { deleteImages } from "../core/delete-images.ts";
import { updateStorageClass } from "../core/storage-class.ts";
import type { LifecycleFailure } from "../events/lifecycle-event.ts";
import { findImage } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";

export type Failed<Decision> = { readonly decision: Decision; readonly failure: LifecycleFailure };
export type Applied<Decision> = {
  readonly done: readonly Decision[];
  readonly failed: readonly Failed<Decision>[];
};

/** Expires and archives what was decided; what an index still refers to stays and is named. */
export function applyDecisions<Decision extends LifecycleDecision | FollowDecision>(
  change: Change,
  repository: Repository,
  decisions: readonly Decision[],
): Applied<Decision> {
  const archived = decisions.filter(({ action }) => action === "transition");
  for (const { digest } of archived) archive(change, repository, digest);
  const quiet = change.switches.expiryEvents ? change : { ...change, emit: () => undefined };
  const expired = expire(
    quiet,
    repository,
    decisions.filter(({ action }) => action === "expire"),
  );
  return { done: [...archived, ...expired.done], failed: expired.failed };
}

export function blockedFailures(blocked: LifecycleOutcome["blocked"]): readonly Failed<LifecycleDecision>[] {
  return blocked.map((decision) => ({
    decision,
    failure: {
      code: "ImageReferencedByManifestList",
      reason: `Requested image referenced by manifest list: [${decision.indexes.join(", ")}]`,
    },
  }));
}

function archive(change: Change, repository: Repository, digest: string): void {
  const image = findImage(change.sql, repository.id, digest);
  if (image !== undefined) updateStorageClass(change, repository, { image, target: "ARCHIVE" });
}

/** Again as long as something goes: an index and its children may expire together, and the index must go first. */
function expire<Decision extends LifecycleDecision | FollowDecision>(
  change: Change,
  repository: Repository,
  decisions: readonly Decision[],
): Applied<Decision> {
  const done: Decision[] = [];
  let open: readonly Failed<Decision>[] = decisions.map((decision) => ({ decision, failure: NOT_TRIED }));
  for (let before = -1; before !== done.length; ) {
    before = done.length;
    open = open.flatMap(({ decision }) => {
      const [failure] = deleteImages(change, repository, [{ digest: decision.digest }]).failures;
      if (failure !== undefined) return [{ decision, failure: failure.failure }];
      done.push(decision);
      return [];
    });
  }
  return { done, failed: open };
}

const NOT_TRIED: LifecycleFailure = { code: "", reason: "" };
