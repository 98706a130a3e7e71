import * as z from "zod";
import type { ImageReference } from "../core/errors.ts";
import { type ImageFailure, NOT_FOUND, resolveImage } from "../core/find-image.ts";
import { recordPull } from "../core/pull-time.ts";
import { pulledManifest } from "../core/pulled-manifest.ts";
import { getRepository } from "../core/repositories.ts";
import type { Switches } from "../core/switches.ts";
import type { Repository } from "../storage/repositories.ts";
import { imageIds, registryId, repositoryName, toReference } from "./inputs.ts";
import { type Call, operation, permittedRepository } from "./operation.ts";
import { toImage, toImageFailure } from "./outputs.ts";

const Input = z.object({
  registryId,
  repositoryName,
  imageIds,
  acceptedMediaTypes: z.array(z.string()).min(1).max(100).optional(),
});

/** The pull of manifests: it moves their pull time, unless the caller is excluded. */
export const batchGetImageOperation = operation("BatchGetImage", Input, async (call) => {
  const repository = getRepository(call.core.sql, permittedRepository(call, "ecr:BatchGetImage"));
  const outcomes = await Promise.all(
    call.input.imageIds.map((id) => pull(call, repository, toReference(id))),
  );
  return {
    images: outcomes.flatMap(({ image }) => (image === undefined ? [] : [image])),
    failures: outcomes.flatMap(({ failure }) => (failure === undefined ? [] : [failure])),
  };
});

type Input = z.infer<typeof Input>;
type Outcome = { readonly image?: object; readonly failure?: object };

async function pull(call: Call<Input>, repository: Repository, reference: ImageReference): Promise<Outcome> {
  const { core, caller, input } = call;
  const { found: image, failure } = resolveImage(core.sql, repository, reference);
  if (image === undefined) return { failure: toImageFailure(reference, failure) };
  if (image.status !== "ACTIVE") return { failure: toImageFailure(reference, archived(core.switches)) };
  recordPull(core, { repository, image, caller });
  const sent = await pulledManifest(core, {
    repository,
    image,
    tag: reference.digest === undefined ? reference.tag : undefined,
    accepted: input.acceptedMediaTypes ?? [],
  });
  if (sent === undefined) return { failure: toImageFailure(reference, NOT_FOUND) };
  return { image: toImage(repository, { ...sent, tag: reference.tag }) };
}

function archived({ archivedImageFailure }: Switches): ImageFailure {
  return archivedImageFailure === "ImageNotFound"
    ? NOT_FOUND
    : {
        code: "ImageInaccessible",
        reason: "Requested image is archived. Restore it with UpdateImageStorageClass first.",
      };
}
