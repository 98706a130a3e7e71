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
 * Opens what the tag breaks at the digest it points to and closes it at the others of `digests`. A tag that breaks no
 * rule costs no read.
 */
export async function settleViolations(
  violations: ViolationStore,
  { breaches, digests }: { readonly breaches: readonly TagVerdict[]; readonly digests: Iterable<string> },
  at: TagAt,
): Promise<SettledViolations> {
  const keys = [...digests].flatMap((digest) => breaches.map((verdict) => ({ digest, verdict })));
  const settled = await Promise.all(
    keys.map(async ({ digest, verdict }) => {
      const key = { ...at.repository, rule: verdict.rule, digest, tag: at.tag };
      const previous = await violations.findViolation(key);
      const { repository, now } = at;
      const here = digest === at.digest;
      const next = here
        ? openViolation(previous, { repository, digest, verdict, now })
        : closeViolation(previous, now);
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
