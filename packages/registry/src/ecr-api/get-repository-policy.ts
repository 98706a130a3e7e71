import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";
import { getRepositoryPolicy } from "./repository-policy.ts";

const Input = z.object({ registryId, repositoryName });

export const getRepositoryPolicyOperation = operation("GetRepositoryPolicy", Input, (call) => {
  const ref = permittedRepository(call, "ecr:GetRepositoryPolicy");
  const policyText = getRepositoryPolicy(getRepository(call.core.sql, ref));
  return { registryId: ref.account, repositoryName: ref.repository, policyText };
});
