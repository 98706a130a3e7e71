import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { setRepositoryPolicy } from "../storage/repositories.ts";
import { policyText, registryId, repositoryName } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";
import { requirePolicyDocument } from "./policy-document.ts";

/** `force` is accepted; whether the new policy would lock the caller out is not looked at. */
const Input = z.object({ registryId, repositoryName, policyText, force: z.boolean().optional() });

export const setRepositoryPolicyOperation = operation("SetRepositoryPolicy", Input, (call) => {
  const ref = permittedRepository(call, "ecr:SetRepositoryPolicy");
  const text = call.input.policyText;
  requirePolicyDocument(text, "repository");
  call.core.change(({ sql }) => setRepositoryPolicy(sql, getRepository(sql, ref).id, text));
  return { registryId: ref.account, repositoryName: ref.repository, policyText: text };
});
