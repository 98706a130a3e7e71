import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { findLayer } from "../storage/layers.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";

const Input = z.object({
  registryId,
  repositoryName,
  layerDigests: z.array(z.string().max(1000)).min(1).max(100),
});

const WELL_FORMED = /^[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+$/;

/** Which layers this repository has; an unknown one is UNAVAILABLE, only a malformed digest is a failure. */
export const batchCheckLayerAvailabilityOperation = operation(
  "BatchCheckLayerAvailability",
  Input,
  (call) => {
    const ref = permittedRepository(call, "ecr:BatchCheckLayerAvailability");
    const { id } = getRepository(call.core.sql, ref);
    const { true: wellFormed = [], false: malformed = [] } = Object.groupBy(
      call.input.layerDigests,
      (digest) => (WELL_FORMED.test(digest) ? "true" : "false"),
    );
    return {
      layers: wellFormed.map((layerDigest) => {
        const size = findLayer(call.core.sql, id, layerDigest)?.size;
        return {
          layerDigest,
          layerAvailability: size === undefined ? "UNAVAILABLE" : "AVAILABLE",
          layerSize: size,
        };
      }),
      failures: malformed.map((layerDigest) => ({
        layerDigest,
        failureCode: layerDigest === "" ? "MissingLayerDigest" : "InvalidLayerDigest",
        failureReason:
          "Invalid request parameters: layer digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
      })),
    };
  },
);
