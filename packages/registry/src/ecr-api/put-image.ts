import * as z from "zod";
import { imageAlreadyExists } from "../core/errors.ts";
import { putImage } from "../core/put-image.ts";
import { getRepository } from "../core/repositories.ts";
import { imageTag, registryId, repositoryName } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";
import { toImage } from "./outputs.ts";

const Input = z.object({
  registryId,
  repositoryName,
  imageManifest: z
    .string()
    .min(1)
    .max(4_194_304)
    .refine((text) => text.isWellFormed(), "must be well-formed Unicode"),
  imageManifestMediaType: z.string().optional(),
  imageTag: imageTag.optional(),
  imageDigest: z.string().optional(),
});

export const putImageOperation = operation("PutImage", Input, (call) => {
  const { core, input } = call;
  const ref = permittedRepository(call, "ecr:PutImage");
  const put = {
    bytes: Buffer.from(input.imageManifest),
    mediaType: input.imageManifestMediaType,
    tag: input.imageTag,
    digest: input.imageDigest,
  };
  return core.change((change) => {
    const repository = getRepository(change.sql, ref);
    const { image, changed } = putImage(change, repository, put);
    if (!changed) throw imageAlreadyExists(ref, { digest: image.digest, tag: put.tag });
    return { image: toImage(repository, { ...image, bytes: put.bytes, tag: put.tag }) };
  });
});
