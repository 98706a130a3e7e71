import * as z from "zod";
import { operation } from "./operation.ts";
import { scanningConfiguration } from "./registry-scanning.ts";

export const getRegistryScanningConfigurationOperation = operation(
  "GetRegistryScanningConfiguration",
  z.object({}),
  ({ caller, core, registry, permits }) => {
    permits.onRegistry({ caller, action: "ecr:GetRegistryScanningConfiguration" }, registry);
    return { registryId: registry.account, scanningConfiguration: scanningConfiguration(core.sql, registry) };
  },
);
