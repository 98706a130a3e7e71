import { type ExpectedScope, expectedScopes } from "./expected-scopes.ts";
import { judgeScope, type ScopeDoubt } from "./judge-scope.ts";
import type { KnownEvidence } from "./known-evidence.ts";

/** One scope of one source, how old what it says is, and why it is not believed. */
export type ScopeStatus = ExpectedScope & {
  /** Seconds since what it says was so; absent: it said nothing yet. */
  readonly ageSeconds?: number;
  readonly doubts: readonly ScopeDoubt[];
};

/** Every scope that must report, those in doubt first, otherwise by source and scope. */
export function sourcesStatus(evidence: KnownEvidence, now: Date): readonly ScopeStatus[] {
  return expectedScopes(evidence)
    .map((expected) => statusOf(expected, now))
    .toSorted((a, b) => Number(b.doubts.length > 0) - Number(a.doubts.length > 0) || byName(a, b));
}

function statusOf(expected: ExpectedScope, now: Date): ScopeStatus {
  const { observedAt } = expected.state ?? {};
  const ageSeconds =
    observedAt === undefined ? undefined : Math.round((now.getTime() - Date.parse(observedAt)) / 1000);
  return {
    ...expected,
    ...(ageSeconds !== undefined && { ageSeconds }),
    doubts: judgeScope(expected, now),
  };
}

function byName(a: ScopeStatus, b: ScopeStatus): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

function nameOf({ source, scope = "" }: ScopeStatus): string {
  return `${source} ${scope}`;
}
