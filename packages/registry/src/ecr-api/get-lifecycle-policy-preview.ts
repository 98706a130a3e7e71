import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import { getRepository } from "../core/repositories.ts";
import { previewStatus } from "../lifecycle/preview.ts";
import {
  findPreview,
  listPreviewResults,
  type PreviewResult,
  type StoredPreview,
} from "../storage/lifecycle-previews.ts";
import type { Repository } from "../storage/repositories.ts";
import { matchesFilter } from "./image-filter.ts";
import {
  type ImageIdentifier,
  imageIds,
  nextToken,
  registryId,
  repositoryName,
  tagStatus,
} from "./inputs.ts";
import { type Call, operation, permittedRepository } from "./operation.ts";
import { toTimestamp } from "./outputs.ts";
import { readPage, refusePaging } from "./paging.ts";

const Input = z.object({
  registryId,
  repositoryName,
  imageIds: imageIds.optional(),
  nextToken,
  maxResults: z.int().min(1).max(100).optional(),
  filter: z.object({ tagStatus }).optional(),
});
type PreviewCall = Call<z.infer<typeof Input>>;

/** Results only once the preview is complete: by ids, or a page, which the filter thins out. The summary is of all. */
export const getLifecyclePolicyPreviewOperation = operation("GetLifecyclePolicyPreview", Input, (call) => {
  const { core, input } = call;
  if (input.imageIds !== undefined) refusePaging(input, "imageIds");
  const repository = getRepository(core.sql, permittedRepository(call, "ecr:GetLifecyclePolicyPreview"));
  const preview = getPreview(call, repository);
  const status = previewStatus(preview, core.now(), core);
  const common = {
    registryId: repository.account,
    repositoryName: repository.name,
    lifecyclePolicyText: preview.text,
    status,
  };
  if (status !== "COMPLETE") return { ...common, previewResults: [] };
  const { items, nextToken: next } = readResults(call, repository, preview);
  const results = items.filter(({ tags }) => matchesFilter(input.filter ?? {}, { tags, status: "ACTIVE" }));
  return { ...common, nextToken: next, previewResults: results.map(toResult), summary: toSummary(preview) };
});

function getPreview({ core }: PreviewCall, repository: Repository): StoredPreview {
  const preview = findPreview(core.sql, repository.id);
  if (preview !== undefined) return preview;
  throw new EcrError(
    "LifecyclePolicyPreviewNotFoundException",
    `Lifecycle policy preview does not exist for the repository with name '${repository.name}' in the registry with ` +
      `id '${repository.account}'`,
  );
}

function readResults({ core, input }: PreviewCall, repository: Repository, { startedAt }: StoredPreview) {
  const read = (page: { after: string; limit: number }) => listPreviewResults(core.sql, repository.id, page);
  if (input.imageIds === undefined) {
    const scope = `lifecycle preview ${repository.id} ${startedAt}`;
    return readPage({ ...input, scope }, read, (result) => result.digest);
  }
  const wanted = input.imageIds;
  const all = read({ after: "", limit: Number.MAX_SAFE_INTEGER });
  return { items: all.filter((result) => wanted.some((id) => names(id, result))), nextToken: undefined };
}

function names({ imageDigest, imageTag }: ImageIdentifier, { digest, tags }: PreviewResult): boolean {
  if (imageDigest === undefined && imageTag === undefined) return false;
  return (
    (imageDigest === undefined || imageDigest === digest) &&
    (imageTag === undefined || tags.includes(imageTag))
  );
}

function toResult(result: PreviewResult): object {
  return {
    imageTags: result.tags,
    imageDigest: result.digest,
    imagePushedAt: toTimestamp(result.pushedAt),
    action:
      result.action === "expire" ? { type: "EXPIRE" } : { type: "TRANSITION", targetStorageClass: "ARCHIVE" },
    appliedRulePriority: result.rulePriority,
    storageClass: result.storageClass,
  };
}

function toSummary({ expiring, transitioning }: StoredPreview): object {
  return {
    expiringImageTotalCount: expiring,
    transitioningImageTotalCounts:
      transitioning === 0 ? [] : [{ targetStorageClass: "ARCHIVE", imageTotalCount: transitioning }],
  };
}
