import * as z from "zod";
import { setRegistryPolicy } from "../storage/registry-settings.ts";
import { policyText } from "./inputs.ts";
import { operation } from "./operation.ts";
import { requirePolicyDocument } from "./policy-document.ts";

export const putRegistryPolicyOperation = operation("PutRegistryPolicy", z.object({ policyText }), (call) => {
  const { caller, core, registry, permits, input } = call;
  permits.onRegistry({ caller, action: "ecr:PutRegistryPolicy" }, registry);
  requirePolicyDocument(core, input.policyText, "registry");
  core.change(({ sql }) => setRegistryPolicy(sql, registry, input.policyText));
  return { registryId: registry.account, policyText: input.policyText };
});
