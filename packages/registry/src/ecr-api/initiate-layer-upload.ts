import * as z from "zod";
import { startUpload } from "../core/start-upload.ts";
import { PART_LIMITS } from "../core/upload-part.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { limitExceeded } from "./layer-upload.ts";
import { operation, permittedRepository } from "./operation.ts";

/** Starts the same kind of upload as a POST on `/v2`. */
export const initiateLayerUploadOperation = operation(
  "InitiateLayerUpload",
  z.object({ registryId, repositoryName }),
  async (call) => {
    const ref = permittedRepository(call, "ecr:InitiateLayerUpload");
    const session = await startUpload(call.core, ref).catch(limitExceeded);
    return { uploadId: session.id, partSize: PART_LIMITS[call.core.switches.layerPartSize] };
  },
);
