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
  const states = new Map(evidence.states.map((state) => [keyOf(state.source, state.scope), state]));
  return [...collectedScopes(evidence), ...ownScopes(evidence)].map((expected) => {
    const state =
      expected.scope === undefined ? undefined : states.get(keyOf(expected.source, expected.scope));
    return state === undefined ? expected : { ...expected, state };
  });
}

function collectedScopes({ usage, declared }: KnownEvidence): readonly ExpectedScope[] {
  const sources = COLLECTED_SOURCES.filter((source) => usage.collect[source]);
  return sources.flatMap((source) =>
    declared.map((registry) => {
      const { account } = registry;
      const scope = registryName(registry);
      return { source, scope, account, maxAgeHours: usage.maxAgeHours, collected: true };
    }),
  );
}

function ownScopes({ usage, states }: KnownEvidence): readonly ExpectedScope[] {
  return usage.sources.flatMap(({ name: source, account, maxAgeHours, scopes }) => {
    const about = { source, account, maxAgeHours, collected: false };
    const reported = states.filter((state) => state.source === source).map(({ scope }) => scope);
    const expected = scopes ?? reported;
    if (expected.length === 0) return [about];
    return expected.map((scope) => ({ ...about, scope }));
  });
}

function keyOf(source: string, scope: string): string {
  return `${source}#${scope}`;
}
