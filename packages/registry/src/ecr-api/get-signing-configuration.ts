import * as z from "zod";
import { operation } from "./operation.ts";
import { getSigningConfiguration } from "./signing-configuration.ts";

export const getSigningConfigurationOperation = operation(
  "GetSigningConfiguration",
  z.object({}),
  ({ caller, core, registry, permits }) => {
    permits.onRegistry({ caller, action: "ecr:GetSigningConfiguration" }, registry);
    const signingConfiguration = getSigningConfiguration(core.sql, registry);
    return { registryId: registry.account, signingConfiguration };
  },
);
