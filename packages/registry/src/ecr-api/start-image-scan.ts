import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import { getImage } from "../core/find-image.ts";
import { getRepository } from "../core/repositories.ts";
import { ImageIdentifier, registryId, repositoryName, toReference } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";

const Input = z.object({ registryId, repositoryName, imageId: ImageIdentifier });

/** An index cannot be scanned; its children can, each by its digest. */
const SCANNABLE: ReadonlySet<string> = new Set([
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
]);

/**
 * There is no scanner: what ECR would refuse is refused in the same way, and every other image in the words that ECR has for
 * a registry in which this operation is switched off. Findings are never made up.
 */
export const startImageScanOperation = operation("StartImageScan", Input, (call) => {
  const ref = permittedRepository(call, "ecr:StartImageScan");
  const image = getImage(call.core.sql, getRepository(call.core.sql, ref), toReference(call.input.imageId));
  if (image.status !== "ACTIVE") {
    throw new EcrError("ImageArchivedException", "The specified image is archived and cannot be scanned.");
  }
  if (!SCANNABLE.has(image.mediaType)) {
    throw new EcrError("UnsupportedImageTypeException", "The image is of a type that cannot be scanned.");
  }
  throw new EcrError("ValidationException", "This feature is disabled");
});
