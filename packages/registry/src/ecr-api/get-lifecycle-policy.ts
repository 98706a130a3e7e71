import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { getStoredPolicy, toStoredPolicy } from "./lifecycle-policy.ts";
import { operation, permittedRepository } from "./operation.ts";

const Input = z.object({ registryId, repositoryName });

export const getLifecyclePolicyOperation = operation("GetLifecyclePolicy", Input, (call) => {
  const { sql } = call.core;
  const repository = getRepository(sql, permittedRepository(call, "ecr:GetLifecyclePolicy"));
  return toStoredPolicy(repository, getStoredPolicy(sql, repository));
});
