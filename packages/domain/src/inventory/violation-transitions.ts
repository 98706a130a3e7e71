import type { RepositoryRef } from "../registry/repository.ts";
import type { TagVerdict } from "../tagging-rule/verdict.ts";
import type { ViolationRecord } from "./records.ts";

export type Breach = {
  readonly repository: RepositoryRef;
  readonly digest: string;
  readonly verdict: TagVerdict;
  readonly now: Date;
};

/**
 * The record that opens a violation, or says it anew when the rule now gives another reason; undefined when it is open
 * already with this reason. One that was closed, or that another image had under this tag, opens afresh: people are told
 * again.
 */
export function openViolation(
  previous: ViolationRecord | undefined,
  breach: Breach,
): ViolationRecord | undefined {
  const { verdict } = breach;
  const since = previous?.state === "open" && previous.digest === breach.digest ? previous : undefined;
  if (since !== undefined && sameVerdict(since, verdict)) return undefined;
  return {
    account: breach.repository.account,
    region: breach.repository.region,
    repository: breach.repository.repository,
    rule: verdict.rule,
    digest: breach.digest,
    tag: verdict.subject.tag,
    reason: verdict.reason,
    evidence: verdict.evidence,
    state: "open",
    openedAt: since?.openedAt ?? breach.now.toISOString(),
    ...(since?.noticedAt !== undefined && { noticedAt: since.noticedAt }),
    version: (previous?.version ?? 0) + 1,
  };
}

/** The record that closes a violation; undefined when there is none open. */
export function closeViolation(
  previous: ViolationRecord | undefined,
  now: Date,
): ViolationRecord | undefined {
  if (previous?.state !== "open") return undefined;
  return { ...previous, state: "closed", closedAt: now.toISOString(), version: previous.version + 1 };
}

/** The record that says when people were told; undefined when it is closed, or they were told already. */
export function noticeViolation(
  previous: ViolationRecord | undefined,
  now: Date,
): ViolationRecord | undefined {
  if (previous?.state !== "open" || previous.noticedAt !== undefined) return undefined;
  return { ...previous, noticedAt: now.toISOString(), version: previous.version + 1 };
}

function sameVerdict(record: ViolationRecord, { reason, evidence }: TagVerdict): boolean {
  const keys = new Set([...Object.keys(record.evidence), ...Object.keys(evidence)]);
  return record.reason === reason && [...keys].every((key) => record.evidence[key] === evidence[key]);
}
