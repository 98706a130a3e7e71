import * as z from "zod";
import { operation } from "./operation.ts";
import { getRegistryPolicy } from "./registry-policy.ts";

export const getRegistryPolicyOperation = operation("GetRegistryPolicy", z.object({}), (call) => {
  const { caller, core, registry, permits } = call;
  permits.onRegistry({ caller, action: "ecr:GetRegistryPolicy" }, registry);
  return { registryId: registry.account, policyText: getRegistryPolicy(core.sql, registry) };
});
