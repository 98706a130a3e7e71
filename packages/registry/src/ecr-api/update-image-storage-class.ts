import * as z from "zod";
import { getImage } from "../core/find-image.ts";
import { getRepository } from "../core/repositories.ts";
import { updateStorageClass } from "../core/storage-class.ts";
import { ImageIdentifier, registryId, repositoryName, toReference } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";
import { toImageId } from "./outputs.ts";

const Input = z.object({
  registryId,
  repositoryName,
  imageId: ImageIdentifier,
  targetStorageClass: z.enum(["STANDARD", "ARCHIVE"]),
});

export const updateImageStorageClassOperation = operation("UpdateImageStorageClass", Input, (call) => {
  const { core, input } = call;
  const ref = permittedRepository(call, "ecr:UpdateImageStorageClass");
  const reference = toReference(input.imageId);
  return core.change((change) => {
    const repository = getRepository(change.sql, ref);
    const image = getImage(change.sql, repository, reference);
    const imageStatus = updateStorageClass(change, repository, { image, target: input.targetStorageClass });
    return {
      registryId: ref.account,
      repositoryName: ref.repository,
      imageId: toImageId({ digest: image.digest, tag: reference.tag }),
      imageStatus,
    };
  });
});
