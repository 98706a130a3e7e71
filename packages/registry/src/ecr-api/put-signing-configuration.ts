import * as z from "zod";
import { putDocument } from "../storage/registry-documents.ts";
import { operation } from "./operation.ts";
import { SigningInput } from "./signing-configuration.ts";

/** Kept and answered; nothing is signed here. */
export const putSigningConfigurationOperation = operation(
  "PutSigningConfiguration",
  z.object({ signingConfiguration: SigningInput }),
  ({ caller, core, registry, permits, input: { signingConfiguration } }) => {
    permits.onRegistry({ caller, action: "ecr:PutSigningConfiguration" }, registry);
    core.change(({ sql }) => putDocument(sql, registry, { kind: "signing", value: signingConfiguration }));
    return { signingConfiguration };
  },
);
