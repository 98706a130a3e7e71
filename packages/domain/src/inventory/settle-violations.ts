import type { RepositoryRef } from "../registry/repository.ts";
import type { ViolationStore } from "./ports.ts";
import type { ViolationRecord } from "./records.ts";
import type { ViolationFence } from "./tag-fences.ts";
import { closeViolation, openViolation } from "./violation-transitions.ts";

export type SettledViolations = {
  /** Violations of the tag's present digest that are open; `noticedAt` says whether people know. */
  readonly open: readonly ViolationRecord[];
  /** Those that were opened or said anew, and those that were closed. */
  readonly opened: readonly ViolationRecord[];
  readonly closed: readonly ViolationRecord[];
};

type TagAt = { readonly repository: RepositoryRef; readonly digest: string | null; readonly now: Date };

/** Closes what is open at digests that the tag does not point to. */
export async function closeElsewhere(
  violations: ViolationStore,
  fences: readonly ViolationFence[],
  at: TagAt,
): Promise<readonly ViolationRecord[]> {
  const closed: ViolationRecord[] = [];
  for (const { digest, previous } of fences) {
    const next = digest === at.digest ? undefined : closeViolation(previous, at.now);
    if (!next) continue;
    await violations.putViolation(next);
    closed.push(next);
  }
  return closed;
}

/** Opens what the tag breaks at the digest it points to. */
export async function openHere(
  violations: ViolationStore,
  fences: readonly ViolationFence[],
  { repository, digest, now }: TagAt,
): Promise<Pick<SettledViolations, "open" | "opened">> {
  const open: ViolationRecord[] = [];
  const opened: ViolationRecord[] = [];
  for (const { verdict, previous, ...fence } of fences) {
    if (fence.digest !== digest) continue;
    const next = openViolation(previous, { repository, digest, verdict, now });
    if (next) {
      await violations.putViolation(next);
      opened.push(next);
    }
    const current = next ?? previous;
    if (current) open.push(current);
  }
  return { open, opened };
}
