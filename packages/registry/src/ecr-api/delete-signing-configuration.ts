import * as z from "zod";
import { deleteDocument } from "../storage/registry-documents.ts";
import { operation } from "./operation.ts";
import { getSigningConfiguration } from "./signing-configuration.ts";

export const deleteSigningConfigurationOperation = operation(
  "DeleteSigningConfiguration",
  z.object({}),
  ({ caller, core, registry, permits }) => {
    permits.onRegistry({ caller, action: "ecr:DeleteSigningConfiguration" }, registry);
    return core.change(({ sql }) => {
      const signingConfiguration = getSigningConfiguration(sql, registry);
      deleteDocument(sql, registry, { kind: "signing" });
      return { registryId: registry.account, signingConfiguration };
    });
  },
);
