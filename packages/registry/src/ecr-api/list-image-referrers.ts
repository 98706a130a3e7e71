import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { listReferrers, type StoredImage } from "../storage/images.ts";
import { imageStatus, nextToken, registryId, repositoryName } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";
import { readPage } from "./paging.ts";

const DEFAULT_PAGE = 20;

const Input = z.object({
  registryId,
  repositoryName,
  subjectId: z.object({ imageDigest: z.string().regex(/^[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+$/) }),
  filter: z
    .object({
      artifactTypes: z.array(z.string().min(1).max(255)).max(5).optional(),
      artifactStatus: imageStatus,
    })
    .optional(),
  nextToken,
  maxResults: z.int().min(1).max(50).default(DEFAULT_PAGE),
});
type Filter = NonNullable<z.infer<typeof Input>["filter"]>;

/** What has this digest as its subject, whether or not that is an image here. The permission is that of a pull. */
export const listImageReferrersOperation = operation("ListImageReferrers", Input, (call) => {
  const { core, input } = call;
  const repository = getRepository(core.sql, permittedRepository(call, "ecr:BatchGetImage"));
  const referrers = listReferrers(core.sql, repository.id, input.subjectId.imageDigest)
    .filter((image) => matches(input.filter ?? {}, image))
    .toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  const page = readPage(
    { ...input, scope: `referrers ${repository.id}` },
    ({ after, limit }) => referrers.filter(({ digest }) => digest > after).slice(0, limit),
    ({ digest }) => digest,
  );
  return { referrers: page.items.map(toReferrer), nextToken: page.nextToken };
});

function matches({ artifactTypes = [], artifactStatus = "ACTIVE" }: Filter, image: StoredImage): boolean {
  const rightType = artifactTypes.length === 0 || artifactTypes.includes(image.artifactType ?? "");
  return rightType && (artifactStatus === "ANY" || image.status === artifactStatus);
}

function toReferrer(image: StoredImage): object {
  return {
    digest: image.digest,
    mediaType: image.mediaType,
    artifactType: image.artifactType ?? undefined,
    size: image.manifestSize,
    annotations: image.annotations === null ? undefined : JSON.parse(image.annotations),
    artifactStatus: image.status,
  };
}
