import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { updateSettings } from "../storage/repositories.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";

const Input = z.object({
  registryId,
  repositoryName,
  imageScanningConfiguration: z.object({ scanOnPush: z.boolean().default(false) }),
});

/** Kept and answered; the registry's own configuration overrides it. */
export const putImageScanningConfigurationOperation = operation(
  "PutImageScanningConfiguration",
  Input,
  (call) => {
    const ref = permittedRepository(call, "ecr:PutImageScanningConfiguration");
    const { imageScanningConfiguration } = call.input;
    call.core.change(({ sql }) => updateSettings(sql, getRepository(sql, ref), imageScanningConfiguration));
    return { registryId: ref.account, repositoryName: ref.repository, imageScanningConfiguration };
  },
);
