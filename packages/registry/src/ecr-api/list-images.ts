import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { listImageIds } from "../storage/image-ids.ts";
import { matchesFilter } from "./image-filter.ts";
import { imageFilter, maxResults, nextToken, registryId, repositoryName } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";
import { toImageId } from "./outputs.ts";
import { readPage } from "./paging.ts";

const Input = z.object({ registryId, repositoryName, nextToken, maxResults, filter: imageFilter });

/** One id per digest and tag; an untagged image by its digest alone. */
export const listImagesOperation = operation("ListImages", Input, (call) => {
  const { core, input } = call;
  const repository = getRepository(core.sql, permittedRepository(call, "ecr:ListImages"));
  const page = readPage(
    { ...input, scope: `image ids ${repository.id}` },
    (range) => listImageIds(core.sql, repository.id, range),
    (id) => `${id.digest} ${id.tag ?? ""}`,
  );
  const ids = page.items.filter((id) =>
    matchesFilter(input.filter ?? {}, { status: id.status, tags: id.tag === null ? [] : [id.tag] }),
  );
  return {
    imageIds: ids.map((id) => toImageId({ digest: id.digest, tag: id.tag ?? undefined })),
    nextToken: page.nextToken,
  };
});
