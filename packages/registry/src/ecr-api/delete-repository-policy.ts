import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { setRepositoryPolicy } from "../storage/repositories.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";
import { getRepositoryPolicy } from "./repository-policy.ts";

const Input = z.object({ registryId, repositoryName });

export const deleteRepositoryPolicyOperation = operation("DeleteRepositoryPolicy", Input, (call) => {
  const ref = permittedRepository(call, "ecr:DeleteRepositoryPolicy");
  return call.core.change(({ sql }) => {
    const repository = getRepository(sql, ref);
    const policyText = getRepositoryPolicy(repository);
    setRepositoryPolicy(sql, repository.id, null);
    return { registryId: ref.account, repositoryName: ref.repository, policyText };
  });
});
