import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import * as z from "zod";
import { invalidParameter } from "../core/errors.ts";
import { getRepository } from "../core/repositories.ts";
import { setRepositoryPolicy } from "../storage/repositories.ts";
import { policyText, registryId, repositoryName } from "./inputs.ts";
import { type Call, operation, permittedRepository } from "./operation.ts";
import { requirePolicyDocument } from "./policy-document.ts";

const Input = z.object({ registryId, repositoryName, policyText, force: z.boolean().optional() });

/** Refuses, unless forced, a policy after which the caller could not set another one: nobody locks himself out by mistake. */
export const setRepositoryPolicyOperation = operation("SetRepositoryPolicy", Input, (call) => {
  const ref = permittedRepository(call, "ecr:SetRepositoryPolicy");
  const text = call.input.policyText;
  requirePolicyDocument(call.core, text, "repository");
  if (call.input.force !== true) requireWayBack(call, ref, text);
  call.core.change(({ sql }) => setRepositoryPolicy(sql, getRepository(sql, ref).id, text));
  return { registryId: ref.account, repositoryName: ref.repository, policyText: text };
});

function requireWayBack({ permits, caller }: Call<unknown>, ref: RepositoryRef, policy: string): void {
  if (permits.wouldPermit({ caller, action: "ecr:SetRepositoryPolicy" }, ref, policy)) return;
  // AWS documents the refusal, not its words.
  throw invalidParameter(
    "PolicyText",
    "This policy would prevent you from setting another policy in the future. Use force to set it all the same",
  );
}
