import { registryName } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { type Consumers, consumersOf } from "./consumers-of.ts";
import type { Doubt } from "./doubt.ts";
import { type ExpectedScope, expectedScopes } from "./expected-scopes.ts";
import { judgeScope, type ScopeDoubt } from "./judge-scope.ts";
import type { KnownEvidence } from "./known-evidence.ts";

const HOUR_MS = 3600 * 1000;

/**
 * Every reason why nothing of a repository may be called unused at `now`; none: what is known of its consumers is whole and
 * fresh. What cannot be known is a doubt: only good evidence of all consumers leaves none.
 */
export function doubtsOf(evidence: KnownEvidence, repository: RepositoryRef, now: Date): readonly Doubt[] {
  return doubtFinder(evidence, now)(repository);
}

/** The same of many repositories: what is judged of the sources is judged once. */
export function doubtFinder(
  evidence: KnownEvidence,
  now: Date,
): (repository: RepositoryRef) => readonly Doubt[] {
  const byAccount = Map.groupBy(
    expectedScopes(evidence).map((expected) => ({ expected, doubts: judgeScope(expected, now) })),
    ({ expected }) => expected.account,
  );
  return (repository) => {
    const consumers = consumersOf(evidence, repository);
    const found = [
      ...unknownConsumers(evidence, { repository, consumers, now }),
      ...consumers.accounts.flatMap((account) => doubtsOfAccount(account, byAccount.get(account))),
    ];
    return found.map((doubt) => ({ repository, ...doubt }));
  };
}

type Judged = { readonly expected: ExpectedScope; readonly doubts: readonly ScopeDoubt[] };
type Found = Omit<Doubt, "repository">;

function unknownConsumers(
  { usage }: KnownEvidence,
  about: { readonly repository: RepositoryRef; readonly consumers: Consumers; readonly now: Date },
): readonly Found[] {
  const { repository, consumers, now } = about;
  const { asOf, anyone } = consumers;
  const found: Found[] = [];
  if (asOf === undefined || !(now.getTime() - Date.parse(asOf) <= usage.maxAgeHours * HOUR_MS)) {
    const registry = registryName(repository);
    const when = asOf === undefined ? "never read" : `last read at ${asOf}`;
    found.push({
      why: "consumers-unknown",
      ...(asOf !== undefined && { since: asOf }),
      reason: `who may pull from ${registry} was ${when}`,
      remedy: `It is read within the hour; if it stays, look why it fails with tallyman registries check --registry ${registry}.`,
    });
  }
  if (anyone)
    found.push({
      why: "anyone",
      reason: `the policy of ${repository.repository} lets everyone pull`,
      remedy:
        "Name the accounts that use it under usage.consumers in tallyman.yaml, or narrow the repository's policy.",
    });
  return found;
}

/** `judged` absent: no source sees the account. */
function doubtsOfAccount(consumer: string, judged: readonly Judged[] = []): readonly Found[] {
  if (judged.length > 0)
    return judged.flatMap(({ expected: { source, scope }, doubts }) =>
      doubts.map((doubt) => ({ consumer, source, ...(scope !== undefined && { scope }), ...doubt })),
    );
  const reason = `nothing tells what runs in account ${consumer}`;
  const remedy = `Declare its registries in tallyman.registries.yaml so that it is collected (usage.collect), or name a source for it under usage.sources in tallyman.yaml.`;
  return [{ consumer, why: "no-source", reason, remedy }];
}
