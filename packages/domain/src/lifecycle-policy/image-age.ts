import type { LifecycleChoices } from "./choices.ts";
import type { LifecycleImage } from "./lifecycle-image.ts";
import type { CountType } from "./lifecycle-policy.ts";

export const DAY = 24 * 60 * 60 * 1000;

export type AgeStart = {
  readonly since: "pushed" | "pulled" | "activated" | "archived";
  /** Milliseconds since the epoch; infinite where it never happened, so that it never gets old. */
  readonly from: number;
};

/** From when on an image ages under a rule. A restored image counts as pushed when it was restored. */
export function countedFrom(image: LifecycleImage, countType: CountType): AgeStart {
  const { pushedAt, lastPulledAt, lastArchivedAt, lastActivatedAt } = image;
  if (countType === "sinceImageTransitioned") {
    return { since: "archived", from: lastArchivedAt ?? Number.POSITIVE_INFINITY };
  }
  const arrived: AgeStart =
    lastActivatedAt === null
      ? { since: "pushed", from: pushedAt }
      : { since: "activated", from: lastActivatedAt };
  if (countType !== "sinceImagePulled" || lastPulledAt === null) return arrived;
  const pulledSince = lastActivatedAt === null || lastPulledAt >= lastActivatedAt;
  return pulledSince ? { since: "pulled", from: lastPulledAt } : arrived;
}

/** `age` in milliseconds. */
export function isTooOld(
  { age, days }: { readonly age: number; readonly days: number },
  choices: Pick<LifecycleChoices, "ageLimit" | "ageUnit">,
): boolean {
  const inDays = choices.ageUnit === "wholeDays" ? Math.floor(age / DAY) : age / DAY;
  return choices.ageLimit === "reached" ? inDays >= days : inDays > days;
}
