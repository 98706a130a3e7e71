import type { RepositoryRef } from "../registry/repository.ts";
import type { TagVerdict } from "../tagging-rule/verdict.ts";
import type { ViolationStore } from "./ports.ts";
import type { ViolationRecord } from "./records.ts";
import { closeViolation, openViolation } from "./violation-transitions.ts";

export type SettledViolations = {
  /** Violations of the tag's present digest that are open; `noticedAt` says whether people know. */
  readonly open: readonly ViolationRecord[];
  /** Those that were opened or said anew, and those that were closed. */
  readonly opened: readonly ViolationRecord[];
  readonly closed: readonly ViolationRecord[];
};

export type TagAt = {
  readonly repository: RepositoryRef;
  readonly tag: string;
  /** Where the registry says the tag points; null: nowhere. */
  readonly digest: string | null;
  readonly now: Date;
};

/**
 * Opens what the tag breaks at the digest it points to, in place of what it broke at another one; closes it where it
 * points nowhere. A tag that breaks no rule costs no read.
 */
export async function settleViolations(
  violations: ViolationStore,
  breaches: readonly TagVerdict[],
  { repository, tag, digest, now }: TagAt,
): Promise<SettledViolations> {
  const settled = await Promise.all(
    breaches.map(async (verdict) => {
      const previous = await violations.findViolation({ ...repository, rule: verdict.rule, tag });
      const next =
        digest === null
          ? closeViolation(previous, now)
          : openViolation(previous, { repository, digest, verdict, now });
      if (next) await violations.putViolation(next);
      return { next, current: next ?? previous };
    }),
  );
  const written = settled.flatMap(({ next }) => next ?? []);
  return {
    open: settled.flatMap(({ current }) => (current?.state === "open" ? [current] : [])),
    opened: written.filter(({ state }) => state === "open"),
    closed: written.filter(({ state }) => state === "closed"),
  };
}
