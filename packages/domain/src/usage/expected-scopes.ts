import { registryName } from "../registry/registry.ts";
import type { SourceState } from "./evidence.ts";
import type { KnownEvidence } from "./known-evidence.ts";
import { COLLECTED_SOURCES } from "./sources.ts";

/** A scope of which a source must have reported lately. */
export type ExpectedScope = {
  readonly source: string;
  /** Absent: the source was declared, and no scope of it is known. */
  readonly scope?: string;
  readonly account: string;
  readonly maxAgeHours: number;
  /** Whether we collect it ourselves. */
  readonly collected: boolean;
  /** Absent: it never reported, nor was it ever asked. */
  readonly state?: SourceState;
};

/**
 * Every scope that must have reported for its account to be known: of each source that is collected, each declared registry;
 * of each that reports by itself, the scopes that the policy lists, or else all that ever reported.
 */
export function expectedScopes(evidence: KnownEvidence): readonly ExpectedScope[] {
  return [...collectedScopes(evidence), ...ownScopes(evidence)];
}

function collectedScopes({ usage, declared, states }: KnownEvidence): readonly ExpectedScope[] {
  const sources = COLLECTED_SOURCES.filter((source) => usage.collect[source]);
  return sources.flatMap((source) =>
    declared.map((registry) => {
      const { account } = registry;
      const scope = registryName(registry);
      const expected = { source, scope, account, maxAgeHours: usage.maxAgeHours, collected: true };
      return withState(expected, states);
    }),
  );
}

function ownScopes({ usage, states }: KnownEvidence): readonly ExpectedScope[] {
  return usage.sources.flatMap(({ name: source, account, maxAgeHours, scopes }) => {
    const about = { source, account, maxAgeHours, collected: false };
    const reported = states.filter((state) => state.source === source).map(({ scope }) => scope);
    const expected = scopes ?? reported;
    if (expected.length === 0) return [about];
    return expected.map((scope) => withState({ ...about, scope }, states));
  });
}

function withState(
  expected: ExpectedScope & { readonly scope: string },
  states: readonly SourceState[],
): ExpectedScope {
  const { source, scope } = expected;
  const state = states.find((it) => it.source === source && it.scope === scope);
  return { ...expected, ...(state !== undefined && { state }) };
}
