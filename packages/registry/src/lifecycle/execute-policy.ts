import {
  evaluateLifecycle,
  type LifecycleDecision,
  type LifecycleOutcome,
} from "@tallyman/domain/lifecycle-policy/evaluate-lifecycle";
import type { LifecycleImage } from "@tallyman/domain/lifecycle-policy/lifecycle-image";
import type { LifecycleRule } from "@tallyman/domain/lifecycle-policy/lifecycle-policy";
import { parseLifecyclePolicy } from "@tallyman/domain/lifecycle-policy/parse-lifecycle-policy";
import type { Change, Core } from "../core/core.ts";
import { lifecycleEvents } from "../events/lifecycle-event.ts";
import {
  findLifecyclePolicy,
  type StoredLifecyclePolicy,
  setEvaluated,
} from "../storage/lifecycle-policies.ts";
import { findRepositoryById, type Repository } from "../storage/repositories.ts";
import {
  type Applied,
  applyDecisions,
  blockedFailures,
  type Failed,
  indexesFirst,
} from "./apply-decisions.ts";
import type { Pause } from "./pauses.ts";
import { piecesOf, readImages } from "./pieces.ts";

type Execution = {
  readonly repository: Repository;
  readonly policy: StoredLifecyclePolicy;
  readonly pause: Pause;
};

/** Does what a repository's policy decides, piece by piece, and tells CloudTrail of each; ends early when the policy goes. */
export async function executePolicy(core: Core, execution: Execution): Promise<Applied<LifecycleDecision>> {
  const { repository, policy, pause } = execution;
  const { switches } = core;
  const { rules } = parseLifecyclePolicy(policy.text, switches);
  const images = await readImages(core.sql, repository.id, pause);
  const outcome = evaluateLifecycle({ rules }, { images, now: core.now().getTime() }, switches);
  await pause();
  const seen = new Map(images.map((image) => [image.digest, image]));
  const pieces = piecesOf(indexesFirst(outcome.decisions, seen));
  const done: LifecycleDecision[] = [];
  const failed: Failed<LifecycleDecision>[] = [];
  for (const [index, decisions] of pieces.entries()) {
    const last = index === pieces.length - 1;
    const piece = { ...execution, rules, seen, decisions, last, blocked: last ? outcome.blocked : [] };
    const applied = core.change((change) => executePiece(change, piece));
    if (applied === undefined) break;
    done.push(...applied.done);
    failed.push(...applied.failed);
    await pause();
  }
  return { done, failed };
}

type Piece = Execution & {
  readonly rules: readonly LifecycleRule[];
  readonly seen: ReadonlyMap<string, LifecycleImage>;
  readonly decisions: readonly LifecycleDecision[];
  readonly blocked: LifecycleOutcome["blocked"];
  readonly last: boolean;
};

/** `undefined`: the repository or its policy is not there any more, or is another one. */
function executePiece(change: Change, piece: Piece): Applied<LifecycleDecision> | undefined {
  const { policy, rules, seen, decisions } = piece;
  const repository = findRepositoryById(change.sql, piece.repository.id);
  const current = findLifecyclePolicy(change.sql, piece.repository.id);
  if (repository === undefined || current?.id !== policy.id || current.version !== policy.version)
    return undefined;
  const applied = applyDecisions(change, repository, { decisions, seen });
  const failed = [...applied.failed, ...blockedFailures(piece.blocked)];
  const entryOf = entries(seen);
  const events = lifecycleEvents({
    name: "PolicyExecutionEvent",
    repository,
    time: change.now,
    policy: { ...policy, rules, evaluatedAt: policy.evaluatedAt ?? 0 },
    acted: applied.done.flatMap(entryOf),
    failed: failed.flatMap(({ decision, failure }) =>
      entryOf(decision).map((entry) => ({ ...entry, ...failure })),
    ),
  });
  for (const event of events) change.emit(event);
  if (piece.last) setEvaluated(change.sql, repository.id, change.now.getTime());
  return { done: applied.done, failed };
}

/** A decision with its image as it was before. */
export function entries(seen: ReadonlyMap<string, LifecycleImage>) {
  return ({ digest, rulePriority }: LifecycleDecision) => {
    const image = seen.get(digest);
    return image === undefined ? [] : [{ image, rulePriority }];
  };
}
