import type { Registry } from "@tallyman/domain/registry/registry";
import type { Sql } from "../storage/database.ts";
import { listReplicationRules, type ReplicationRule } from "../storage/registry-settings.ts";
import { insertJob } from "../storage/replication-jobs.ts";
import type { Repository } from "../storage/repositories.ts";

/**
 * Notes, in the transaction that pushes or restores the image, where it must be copied to: a push that was
 * acknowledged is replicated even if the process dies right afterwards. `tags`: `""` for none.
 */
export function requestReplication(
  sql: Sql,
  repository: Repository,
  image: { readonly digest: string; readonly tags: readonly string[] },
): void {
  for (const destination of selectDestinations(listReplicationRules(sql, repository), repository)) {
    for (const tag of image.tags) {
      insertJob(sql, { repositoryId: repository.id, digest: image.digest, tag, ...destination });
    }
  }
}

/** Every destination of every rule whose filters the repository's name matches, each one once, never the source. */
export function selectDestinations(
  rules: readonly ReplicationRule[],
  source: Registry & { readonly name: string },
): readonly Registry[] {
  const destinations = rules
    .filter(
      (rule) => rule.prefixes.length === 0 || rule.prefixes.some((prefix) => source.name.startsWith(prefix)),
    )
    .flatMap((rule) => rule.destinations)
    .filter((to) => to.account !== source.account || to.region !== source.region);
  return [...new Map(destinations.map((to) => [`${to.account}/${to.region}`, to])).values()];
}
