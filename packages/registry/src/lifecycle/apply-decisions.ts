import { isDeepStrictEqual } from "node:util";
import type {
  LifecycleDecision,
  LifecycleOutcome,
} from "@tallyman/domain/lifecycle-policy/evaluate-lifecycle";
import type { FollowDecision } from "@tallyman/domain/lifecycle-policy/follow-subjects";
import type { LifecycleImage } from "@tallyman/domain/lifecycle-policy/lifecycle-image";
import type { Change } from "../core/core.ts";
import { deleteImages } from "../core/delete-images.ts";
import { EcrError } from "../core/errors.ts";
import { updateStorageClass } from "../core/storage-class.ts";
import type { LifecycleFailure } from "../events/lifecycle-event.ts";
import { findImage, type StoredImage } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import { tagsOf } from "../storage/tags.ts";

export type Failed<Decision> = { readonly decision: Decision; readonly failure: LifecycleFailure };
export type Applied<Decision> = {
  readonly done: readonly Decision[];
  readonly failed: readonly Failed<Decision>[];
};

type Images = ReadonlyMap<string, LifecycleImage>;

/**
 * Expires and archives what was decided; what an index still refers to stays and is named. An image that is not any more
 * as it was when it was decided about, `seen`, is left for the next run.
 */
export function applyDecisions<Decision extends LifecycleDecision | FollowDecision>(
  change: Change,
  repository: Repository,
  { decisions, seen }: { readonly decisions: readonly Decision[]; readonly seen: Images },
): Applied<Decision> {
  const quiet = change.switches.expiryEvents ? change : { ...change, emit: () => undefined };
  const done: Decision[] = [];
  const failed: Failed<Decision>[] = [];
  for (const decision of decisions) {
    const image = findImage(change.sql, repository.id, decision.digest);
    if (image === undefined || !isAsSeen(change, repository, { image, seen: seen.get(image.digest) }))
      continue;
    if (decision.action === "transition") {
      if (archive(change, repository, image)) done.push(decision);
      continue;
    }
    const [failure] = deleteImages(quiet, repository, [{ digest: decision.digest }]).failures;
    if (failure === undefined) done.push(decision);
    else failed.push({ decision, failure: failure.failure });
  }
  return { done, failed };
}

/** An index before its children, with which it may go: otherwise in the order given. */
export function indexesFirst<Decision extends { readonly digest: string }>(
  decisions: readonly Decision[],
  seen: Images,
): readonly Decision[] {
  const open = new Map(decisions.map((decision) => [decision.digest, decision]));
  const ordered: Decision[] = [];
  for (const { digest } of decisions) {
    for (const waiting = [digest]; waiting.length > 0; ) {
      const next = waiting.at(-1) ?? digest;
      const before = seen.get(next)?.parents.filter((parent) => open.has(parent)) ?? [];
      waiting.push(...before);
      if (before.length > 0) continue;
      waiting.pop();
      const decision = open.get(next);
      if (decision !== undefined) ordered.push(decision);
      open.delete(next);
    }
  }
  return ordered;
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

function isAsSeen(
  { sql }: Change,
  repository: Repository,
  { image, seen }: { readonly image: StoredImage; readonly seen: LifecycleImage | undefined },
): boolean {
  return (
    seen !== undefined &&
    image.status === seen.status &&
    image.pushedAt === seen.pushedAt &&
    image.lastPulledAt === seen.lastPulledAt &&
    image.lastArchivedAt === seen.lastArchivedAt &&
    image.lastActivatedAt === seen.lastActivatedAt &&
    isDeepStrictEqual(tagsOf(sql, repository.id, image.digest).toSorted(), seen.tags.toSorted())
  );
}

/** `false`: an index that came meanwhile holds it. */
function archive(change: Change, repository: Repository, image: StoredImage): boolean {
  try {
    updateStorageClass(change, repository, { image, target: "ARCHIVE" });
    return true;
  } catch (error) {
    if (error instanceof EcrError && error.code === "ImageStorageClassUpdateNotSupportedException")
      return false;
    throw error;
  }
}
