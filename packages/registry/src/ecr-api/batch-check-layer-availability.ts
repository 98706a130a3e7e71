import * as z from "zod";
import type { Core } from "../core/core.ts";
import { getRepository } from "../core/repositories.ts";
import { findManifest } from "../storage/images.ts";
import { findImageOfLayer, findLayer, findLayerState } from "../storage/layers.ts";
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
      layers: wellFormed.map((layerDigest) => availabilityOf(call.core, id, layerDigest)),
      failures: malformed.map((layerDigest) => ({
        layerDigest,
        failureCode: layerDigest === "" ? "MissingLayerDigest" : "InvalidLayerDigest",
        failureReason:
          "Invalid request parameters: layer digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
      })),
    };
  },
);

function availabilityOf(core: Core, repositoryId: number, layerDigest: string): object {
  const layer = findLayer(core.sql, repositoryId, layerDigest);
  const state = findLayerState(core.sql, repositoryId, layerDigest);
  if (layer === undefined || state === undefined) return { layerDigest, layerAvailability: "UNAVAILABLE" };
  core.leases.renew(repositoryId, layerDigest);
  return {
    layerDigest,
    layerAvailability: state === "archived" ? "ARCHIVED" : "AVAILABLE",
    layerSize: layer.size,
    mediaType: mediaTypeOf(core, repositoryId, layerDigest),
  };
}

const Descriptor = z.object({ mediaType: z.string(), digest: z.string() });
const Manifest = z.object({ config: Descriptor.optional(), layers: z.array(Descriptor).default([]) });

/** What an image that has the layer calls it; unknown of a layer that no image has. */
function mediaTypeOf({ sql }: Core, repositoryId: number, layerDigest: string): string | undefined {
  const image = findImageOfLayer(sql, repositoryId, layerDigest);
  const manifest = image === undefined ? undefined : findManifest(sql, repositoryId, image);
  if (manifest === undefined) return undefined;
  const { config, layers } = Manifest.safeParse(JSON.parse(Buffer.from(manifest).toString())).data ?? {
    layers: [],
  };
  return [config, ...layers].find((descriptor) => descriptor?.digest === layerDigest)?.mediaType;
}
