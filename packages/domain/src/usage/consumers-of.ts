import { matchesGlob } from "../policy/glob.ts";
import { registryName } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { RegistryConsumers } from "./evidence.ts";
import type { KnownEvidence } from "./known-evidence.ts";

/** How a repository policy names everyone. */
const ANYONE = "*";

export type Consumers = {
  /** Accounts that may run images of the repository, its own among them; sorted. */
  readonly accounts: readonly string[];
  /** Its policy names everyone, and nobody said who that is. */
  readonly anyone: boolean;
  /** When it was read who may pull from the registry; absent: never. */
  readonly asOf?: string;
};

/**
 * Who uses a repository: its own account, the accounts that its policy names, those whose pull-through cache rules reach it,
 * and those that the policy's `usage.consumers` names.
 *
 * Who pulls through from another account needs to be named by the repository's or the registry's policy besides
 * (docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html): a registry whose rules are not known hides
 * no account.
 */
export function consumersOf(evidence: KnownEvidence, repository: RepositoryRef): Consumers {
  const own = evidence.consumers.get(registryName(repository));
  const policies = own?.policies ?? {};
  const named = Object.hasOwn(policies, repository.repository) ? policies[repository.repository] : [];
  const declared = declaredConsumers(evidence, repository);
  const accounts = new Set([
    repository.account,
    ...(named ?? []),
    ...pullingThrough(evidence, repository),
    ...declared,
  ]);
  const anyone = accounts.delete(ANYONE) && declared.length === 0;
  return {
    accounts: [...accounts].toSorted(),
    anyone,
    ...(own !== undefined && { asOf: own.asOf }),
  };
}

function pullingThrough({ consumers }: KnownEvidence, repository: RepositoryRef): readonly string[] {
  const reach = ({ upstream, prefix }: RegistryConsumers["pullsThrough"][number]) =>
    registryName(upstream) === registryName(repository) && repository.repository.startsWith(prefix);
  return [...consumers.values()]
    .filter(({ pullsThrough }) => pullsThrough.some(reach))
    .map(({ account }) => account);
}

function declaredConsumers({ usage }: KnownEvidence, { repository }: RepositoryRef): readonly string[] {
  return usage.consumers
    .filter(({ repositories }) => repositories.some((glob) => matchesGlob(glob, repository)))
    .flatMap(({ accounts }) => accounts);
}
