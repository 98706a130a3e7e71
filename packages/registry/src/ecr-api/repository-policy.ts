import { EcrError } from "../core/errors.ts";
import type { Repository } from "../storage/repositories.ts";

/** The repository's policy; throws RepositoryPolicyNotFoundException. */
export function getRepositoryPolicy(repository: Repository): string {
  if (repository.policy !== null) return repository.policy;
  throw new EcrError(
    "RepositoryPolicyNotFoundException",
    `Repository policy does not exist for the repository with name '${repository.name}' in the registry with id ` +
      `'${repository.account}'`,
  );
}
