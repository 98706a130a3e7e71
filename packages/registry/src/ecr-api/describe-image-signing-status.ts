import * as z from "zod";
import { getImage } from "../core/find-image.ts";
import { getRepository } from "../core/repositories.ts";
import { ImageIdentifier, registryId, repositoryName, toReference } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";

const Input = z.object({ registryId, repositoryName, imageId: ImageIdentifier });

/** No profile has signed or tried to: nothing is signed here, so the list is empty. */
export const describeImageSigningStatusOperation = operation("DescribeImageSigningStatus", Input, (call) => {
  const { core, input } = call;
  const ref = permittedRepository(call, "ecr:DescribeImageSigningStatus");
  const image = getImage(core.sql, getRepository(core.sql, ref), toReference(input.imageId));
  return {
    registryId: ref.account,
    repositoryName: ref.repository,
    imageId: { imageDigest: image.digest, imageTag: input.imageId.imageTag },
    signingStatuses: [],
  };
});
