import * as z from "zod";
import { setRegistryPolicy } from "../storage/registry-settings.ts";
import { operation } from "./operation.ts";
import { getRegistryPolicy } from "./registry-policy.ts";

export const deleteRegistryPolicyOperation = operation("DeleteRegistryPolicy", z.object({}), (call) => {
  const { caller, core, registry, permits } = call;
  permits.onRegistry({ caller, action: "ecr:DeleteRegistryPolicy" }, registry);
  return core.change(({ sql }) => {
    const policyText = getRegistryPolicy(sql, registry);
    setRegistryPolicy(sql, registry, null);
    return { registryId: registry.account, policyText };
  });
});
