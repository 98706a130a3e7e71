import * as z from "zod";
import { removeRepository } from "../core/repositories.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";
import { toRepository } from "./outputs.ts";

const Input = z.object({ registryId, repositoryName, force: z.boolean().default(false) });

export const deleteRepositoryOperation = operation("DeleteRepository", Input, (call) => {
  const ref = permittedRepository(call, "ecr:DeleteRepository");
  const repository = call.core.change((change) => removeRepository(change, ref, call.input.force));
  return { repository: toRepository(repository, call.endpoint) };
});
