import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { deleteLifecyclePolicy } from "../storage/lifecycle-policies.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { getStoredPolicy, toStoredPolicy } from "./lifecycle-policy.ts";
import { operation, permittedRepository } from "./operation.ts";

const Input = z.object({ registryId, repositoryName });

export const deleteLifecyclePolicyOperation = operation("DeleteLifecyclePolicy", Input, (call) => {
  const ref = permittedRepository(call, "ecr:DeleteLifecyclePolicy");
  return call.core.change(({ sql }) => {
    const repository = getRepository(sql, ref);
    const policy = getStoredPolicy(sql, repository);
    deleteLifecyclePolicy(sql, repository.id);
    return toStoredPolicy(repository, policy);
  });
});
