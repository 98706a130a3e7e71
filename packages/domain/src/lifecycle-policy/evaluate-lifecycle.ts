import { LIFECYCLE_CHOICES, type LifecycleChoices } from "./choices.ts";
import { countedFrom, isTooOld } from "./image-age.ts";
import type { LifecycleImage } from "./lifecycle-image.ts";
import {
  type LifecycleAction,
  type LifecyclePolicy,
  type LifecycleRule,
  type StorageClass,
  storageClassOf,
} from "./lifecycle-policy.ts";
import { matchesTags } from "./matches-tags.ts";

/** Why a rule selected an image. */
export type LifecycleReason =
  /** It is the `rank`-th newest of the rule's images, which keeps `keep`. */
  | { readonly kind: "count"; readonly rank: number; readonly keep: number }
  /** `days` have passed since `from` (milliseconds since the epoch), the time of the event `since`. */
  | {
      readonly kind: "age";
      readonly since: "pushed" | "pulled" | "activated" | "archived";
      readonly from: number;
      readonly days: number;
    };

export type LifecycleDecision = {
  readonly digest: string;
  readonly rulePriority: number;
  readonly action: LifecycleAction["type"];
  readonly reason: LifecycleReason;
};

export type LifecycleOutcome = {
  /** At most one for each image, by rule and then oldest first. */
  readonly decisions: readonly LifecycleDecision[];
  /** What rules selected and an active index holds back; only where index children are ranked. */
  readonly blocked: readonly (LifecycleDecision & { readonly indexes: readonly string[] })[];
};

/**
 * Which images of one repository a policy acts on at `now` (milliseconds since the epoch).
 *
 * All rules see all images, so that a rule also ranks what a higher one takes; then they apply by priority. An image is
 * acted on by the first rule whose *tag requirements* it meets, or by none: a rule that keeps it shields it from the
 * lower ones (Amazon ECR User Guide, "Lifecycle policy evaluation rules").
 */
export function evaluateLifecycle(
  policy: LifecyclePolicy,
  repository: { readonly images: readonly LifecycleImage[]; readonly now: number },
  choices: LifecycleChoices = LIFECYCLE_CHOICES,
): LifecycleOutcome {
  const byDigest = new Map(repository.images.map((image) => [image.digest, image]));
  const candidates = repository.images
    .map((image) => ({ image, indexes: activeIndexes(image, byDigest) }))
    .filter(({ image }) => image.subject === null || choices.selectReferrers)
    .filter(({ indexes }) => indexes.length === 0 || choices.indexChildren === "ranked")
    .map((candidate) => ({ ...candidate, storageClass: storageClassOfImage(candidate.image) }));
  const shielded = new Set<string>();
  const selected: Selected[] = [];
  for (const rule of policy.rules.toSorted((a, b) => a.rulePriority - b.rulePriority)) {
    const tagged = candidates.filter(({ image }) => matchesTags(rule.selection, image.tags));
    const pool = tagged.filter((candidate) => candidate.storageClass === storageClassOf(rule));
    const found = select(rule, { pool, now: repository.now }, choices);
    for (const one of found) if (!shielded.has(one.digest)) selected.push(one);
    for (const { image } of choices.shieldAcrossStorageClasses ? tagged : pool) shielded.add(image.digest);
  }
  return {
    decisions: selected.filter(({ indexes }) => indexes.length === 0).map(({ indexes: _, ...rest }) => rest),
    blocked: selected.filter(({ indexes }) => indexes.length > 0),
  };
}

type Candidate = {
  readonly image: LifecycleImage;
  readonly indexes: readonly string[];
  readonly storageClass: StorageClass | undefined;
};
type Selected = LifecycleOutcome["blocked"][number];

/** An index holds its children until it is deleted or archived. */
function activeIndexes(
  image: LifecycleImage,
  byDigest: ReadonlyMap<string, LifecycleImage>,
): readonly string[] {
  return image.parents.filter((parent) => {
    const status = byDigest.get(parent)?.status;
    return status !== undefined && status !== "ARCHIVED";
  });
}

/** An image that is being restored is in neither: it is left alone until it is back. */
function storageClassOfImage({ status }: LifecycleImage): StorageClass | undefined {
  if (status === "ACTIVATING") return undefined;
  return status === "ARCHIVED" ? "archive" : "standard";
}

/** The rule's own selection, oldest first, whoever else may have a claim on it. */
function select(
  rule: LifecycleRule,
  { pool, now }: { readonly pool: readonly Candidate[]; readonly now: number },
  choices: LifecycleChoices,
): readonly Selected[] {
  const { countType, countNumber } = rule.selection;
  const newestFirst = pool
    .map((candidate) => ({ ...candidate, start: countedFrom(candidate.image, countType) }))
    .toSorted((a, b) => b.start.from - a.start.from || (a.image.digest < b.image.digest ? -1 : 1));
  const reasons = newestFirst.map(({ start }, index): LifecycleReason | undefined => {
    if (countType === "imageCountMoreThan")
      return index < countNumber ? undefined : { kind: "count", rank: index + 1, keep: countNumber };
    const old = isTooOld({ age: now - start.from, days: countNumber }, choices);
    return old ? { kind: "age", ...start, days: countNumber } : undefined;
  });
  return newestFirst
    .flatMap(({ image, indexes }, index) => {
      const reason = reasons[index];
      if (reason === undefined) return [];
      return [
        { digest: image.digest, rulePriority: rule.rulePriority, action: rule.action.type, reason, indexes },
      ];
    })
    .toReversed();
}
