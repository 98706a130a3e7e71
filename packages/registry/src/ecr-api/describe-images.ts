import * as z from "zod";
import { getImage } from "../core/find-image.ts";
import { getRepository } from "../core/repositories.ts";
import { listImages, type StoredImage } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import { tagsOf } from "../storage/tags.ts";
import { type ImageFilter, matchesFilter } from "./image-filter.ts";
import {
  imageFilter,
  imageIds,
  maxResults,
  nextToken,
  registryId,
  repositoryName,
  toReference,
} from "./inputs.ts";
import { type Call, operation, permittedRepository } from "./operation.ts";
import { toImageDetail } from "./outputs.ts";
import { readPage, refusePaging } from "./paging.ts";

const Input = z.object({
  registryId,
  repositoryName,
  imageIds: imageIds.optional(),
  nextToken,
  maxResults,
  filter: imageFilter,
});

/** By ids: every one of them, whatever its status, or ImageNotFoundException. Otherwise a page, which the filter thins out. */
export const describeImagesOperation = operation("DescribeImages", Input, (call) => {
  const ref = permittedRepository(call, "ecr:DescribeImages");
  const repository = getRepository(call.core.sql, ref);
  return call.input.imageIds === undefined ? describePage(call, repository) : describeNamed(call, repository);
});

function describeNamed({ core, input }: Call<z.infer<typeof Input>>, repository: Repository): object {
  refusePaging(input, "imageIds");
  const found = new Map<string, StoredImage>();
  for (const reference of (input.imageIds ?? []).map(toReference)) {
    const image = getImage(core.sql, repository, reference);
    found.set(image.digest, image);
  }
  const images = [...found.values()].map((image) => withTags(core.sql, repository, image));
  const filter: ImageFilter = { imageStatus: "ANY", ...input.filter };
  return {
    imageDetails: images
      .filter((image) => matchesFilter(filter, image))
      .map((image) => toImageDetail(repository, image)),
  };
}

function describePage({ core, input }: Call<z.infer<typeof Input>>, repository: Repository): object {
  const page = readPage(
    { ...input, scope: `images ${repository.id}` },
    (range) => listImages(core.sql, repository.id, range),
    (image) => image.digest,
  );
  const images = page.items
    .map((image) => withTags(core.sql, repository, image))
    .filter((image) => matchesFilter(input.filter ?? {}, image));
  return { imageDetails: images.map((image) => toImageDetail(repository, image)), nextToken: page.nextToken };
}

function withTags(sql: Call<unknown>["core"]["sql"], repository: Repository, image: StoredImage) {
  return { ...image, tags: tagsOf(sql, repository.id, image.digest) };
}
