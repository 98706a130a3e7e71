import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import { getImage } from "../core/find-image.ts";
import { getRepository } from "../core/repositories.ts";
import { ImageIdentifier, maxResults, nextToken, registryId, repositoryName, toReference } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";

const Input = z.object({ registryId, repositoryName, imageId: ImageIdentifier, nextToken, maxResults });

/** No image here was ever scanned: see StartImageScan. */
export const describeImageScanFindingsOperation = operation("DescribeImageScanFindings", Input, (call) => {
  const ref = permittedRepository(call, "ecr:DescribeImageScanFindings");
  const { imageId } = call.input;
  getImage(call.core.sql, getRepository(call.core.sql, ref), toReference(imageId));
  const quoted = (text: string | undefined) => `'${text ?? "null"}'`;
  const id = `{imageDigest:${quoted(imageId.imageDigest)}, imageTag:${quoted(imageId.imageTag)}}`;
  throw new EcrError(
    "ScanNotFoundException",
    `Image scan does not exist for the image with '${id}' in the repository with name '${ref.repository}' in the ` +
      `registry with id '${ref.account}'`,
  );
});
