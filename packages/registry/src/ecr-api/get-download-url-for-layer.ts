import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import { getRepository } from "../core/repositories.ts";
import { EMPTY_LAYER } from "../core/schema1-image.ts";
import { DURATIONS } from "../core/switches/durations.ts";
import { signLayerPath } from "../downloads/layer-url.ts";
import { findLayerState } from "../storage/layers.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { layerDigest } from "./layer-upload.ts";
import { operation, permittedRepository } from "./operation.ts";

/** A URL that reads one layer for a while, without credentials. Only of a layer that an active image has. */
export const getDownloadUrlForLayerOperation = operation(
  "GetDownloadUrlForLayer",
  z.object({ registryId, repositoryName, layerDigest }),
  ({ core, downloads, ...call }) => {
    const ref = permittedRepository({ core, downloads, ...call }, "ecr:GetDownloadUrlForLayer");
    const { id } = getRepository(core.sql, ref);
    const digest = call.input.layerDigest.toLowerCase();
    const state = findLayerState(core.sql, id, digest);
    const where = `in the repository with name '${ref.repository}' in the registry with id '${ref.account}'`;
    if (state === undefined) {
      throw new EcrError(
        "LayersNotFoundException",
        `The layer with digest '${digest}' does not exist ${where}`,
      );
    }
    // Images that are made of others when they are pulled have the layer without files.
    const ofMadeImage = state === "unused" && digest === EMPTY_LAYER.digest;
    if (state !== "active" && !ofMadeImage) {
      const why = state === "archived" ? "belongs to archived images alone" : "does not belong to any image";
      throw new EcrError(
        "LayerInaccessibleException",
        `The layer with digest '${digest}' ${where} is not accessible: it ${why}`,
      );
    }
    const path = signLayerPath(
      downloads.secret,
      { ...ref, digest },
      {
        now: core.now(),
        life: DURATIONS[core.switches.downloadUrlLife],
      },
    );
    return { downloadUrl: `${downloads.endpoint(ref)}${path}`, layerDigest: digest };
  },
);
