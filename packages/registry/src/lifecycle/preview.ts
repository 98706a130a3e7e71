import { randomUUID } from "node:crypto";
import { evaluateLifecycle } from "@tallyman/domain/lifecycle-policy/evaluate-lifecycle";
import type { LifecycleImage } from "@tallyman/domain/lifecycle-policy/lifecycle-image";
import type { LifecyclePolicy } from "@tallyman/domain/lifecycle-policy/lifecycle-policy";
import type { Change, Core } from "../core/core.ts";
import { EcrError } from "../core/errors.ts";
import { DURATIONS } from "../core/switches/durations.ts";
import { lifecycleEvents } from "../events/lifecycle-event.ts";
import { findLifecyclePolicy } from "../storage/lifecycle-policies.ts";
import { findPreview, replacePreview, type StoredPreview } from "../storage/lifecycle-previews.ts";
import type { Repository } from "../storage/repositories.ts";
import { entries } from "./execute-policy.ts";

/** ECR also knows FAILED, which nothing here leads to. */
export type PreviewStatus = "IN_PROGRESS" | "COMPLETE" | "EXPIRED";

/** By the clock; one that was set back to before the start leaves the preview complete. */
export function previewStatus(
  preview: Pick<StoredPreview, "startedAt">,
  now: Date,
  { limits, switches }: Pick<Core, "limits" | "switches">,
): PreviewStatus {
  const elapsed = now.getTime() - preview.startedAt;
  if (elapsed >= 0 && elapsed < limits.previewDuration) return "IN_PROGRESS";
  return elapsed < DURATIONS[switches.previewLife] ? "COMPLETE" : "EXPIRED";
}

/**
 * Decides what a policy would do, by the images as they were just read, and keeps it for GetLifecyclePolicyPreview. It takes
 * the path of a run and stops before the first write. The DryRunEvent comes at once, not when the preview is complete.
 *
 * Throws LifecyclePolicyPreviewInProgressException.
 */
export function startPreview(
  change: Change,
  repository: Repository,
  preview: {
    readonly policy: LifecyclePolicy;
    readonly text: string;
    readonly images: readonly LifecycleImage[];
  },
): void {
  const { policy, text, images } = preview;
  requireNoneRunning(change, repository);
  const now = change.now.getTime();
  const { decisions } = evaluateLifecycle(policy, { images, now }, change.switches);
  const entryOf = entries(new Map(images.map((image) => [image.digest, image])));
  const results = decisions.flatMap((decision) =>
    entryOf(decision).map(({ image }) => ({
      ...decision,
      tags: image.tags,
      pushedAt: image.pushedAt,
      storageClass: image.status === "ARCHIVED" ? ("ARCHIVE" as const) : ("STANDARD" as const),
    })),
  );
  replacePreview(change.sql, repository.id, { text, startedAt: now, results });
  const stored = findLifecyclePolicy(change.sql, repository.id);
  const own = stored?.text === text ? stored : { id: randomUUID(), version: 1, evaluatedAt: null };
  const events = lifecycleEvents({
    name: "DryRunEvent",
    repository,
    time: change.now,
    policy: { ...own, rules: policy.rules, evaluatedAt: own.evaluatedAt ?? 0 },
    acted: decisions.flatMap(entryOf),
    failed: [],
  });
  for (const event of events) change.emit(event);
}

function requireNoneRunning(change: Change, repository: Repository): void {
  const running = findPreview(change.sql, repository.id);
  if (running === undefined || previewStatus(running, change.now, change) !== "IN_PROGRESS") return;
  throw new EcrError(
    "LifecyclePolicyPreviewInProgressException",
    `Lifecycle policy preview is already in progress for the repository with name '${repository.name}' in the ` +
      `registry with id '${repository.account}'`,
  );
}
