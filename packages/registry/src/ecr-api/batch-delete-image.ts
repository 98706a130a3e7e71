import * as z from "zod";
import { deleteImages } from "../core/delete-images.ts";
import { getRepository } from "../core/repositories.ts";
import { imageIds, registryId, repositoryName, toReference } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";
import { toImageFailure, toImageId } from "./outputs.ts";

const Input = z.object({ registryId, repositoryName, imageIds });

export const batchDeleteImageOperation = operation("BatchDeleteImage", Input, (call) => {
  const ref = permittedRepository(call, "ecr:BatchDeleteImage");
  const references = call.input.imageIds.map(toReference);
  const result = call.core.change((change) =>
    deleteImages(change, getRepository(change.sql, ref), references),
  );
  return {
    imageIds: result.deleted.map(toImageId),
    failures: result.failures.map(({ reference, failure }) => toImageFailure(reference, failure)),
  };
});
