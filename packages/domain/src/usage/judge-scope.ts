import type { Doubt } from "./doubt.ts";
import type { ExpectedScope } from "./expected-scopes.ts";

const HOUR_MS = 3600 * 1000;

export type ScopeDoubt = Pick<Doubt, "why" | "since" | "reason" | "remedy">;

/** Everything that keeps what a source says of one scope from being believed; none: it is evidence. */
export function judgeScope(expected: ExpectedScope, now: Date): readonly ScopeDoubt[] {
  return [neverReported(expected), stale(expected, now), failed(expected), suspect(expected)].filter(
    (it) => it !== undefined,
  );
}

function neverReported(expected: ExpectedScope): ScopeDoubt | undefined {
  if ((expected.state?.sequence ?? 0) > 0) return undefined;
  const reason = `${nameOf(expected)} has never reported`;
  return { why: "never-reported", reason, remedy: reportRemedy(expected) };
}

function stale(expected: ExpectedScope, now: Date): ScopeDoubt | undefined {
  const { state, maxAgeHours } = expected;
  if (state === undefined || state.sequence === 0) return undefined;
  const since = state.observedAt;
  // Anything but a known age within the limit is too old.
  if (since !== undefined && now.getTime() - Date.parse(since) <= maxAgeHours * HOUR_MS) return undefined;
  const reason = `what ${nameOf(expected)} reported is of ${since ?? "an unknown time"}, more than ${maxAgeHours} hours ago`;
  return { why: "stale", ...(since !== undefined && { since }), reason, remedy: reportRemedy(expected) };
}

function failed(expected: ExpectedScope): ScopeDoubt | undefined {
  const failure = expected.state?.failure;
  if (failure === undefined) return undefined;
  const reason = `${nameOf(expected)} could not be asked at ${failure.at}: ${failure.reason}`;
  return { why: "failed", since: failure.at, reason, remedy: reportRemedy(expected) };
}

function suspect(expected: ExpectedScope): ScopeDoubt | undefined {
  const { source, scope = "", state } = expected;
  if (state?.suspect === undefined) return undefined;
  const { sequence, receivedAt, reason: why, accepted } = state.suspect;
  const reason = `report ${sequence} of ${nameOf(expected)} is not believed: ${why}`;
  const remedy = accepted
    ? `It was accepted by ${accepted.by} at ${accepted.at}, and is being applied.`
    : `If so little runs there by now, accept it: tallyman usage accept ${source} ${scope} --sequence ${sequence}. Otherwise mend the source: the next report that names as much as before is believed.`;
  return { why: "suspect", since: receivedAt, reason, remedy };
}

function nameOf({ source, scope, account }: ExpectedScope): string {
  return scope === undefined ? `${source} (account ${account})` : `${source} for ${scope}`;
}

function reportRemedy({ collected, source, scope }: ExpectedScope): string {
  if (collected)
    return `It is collected within the hour; if it stays, look why it fails with tallyman registries check --registry ${scope}.`;
  const what = scope === undefined ? "what runs there" : scope;
  return `Report ${what} by PUT /api/v1/usage/${source}; a scope that exists no more is left out by naming the others under usage.sources (scopes) in tallyman.yaml.`;
}
