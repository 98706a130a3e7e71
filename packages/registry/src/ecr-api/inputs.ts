import { RepositoryName } from "@tallyman/domain/registry/repository";
import * as z from "zod";
import type { ImageReference } from "../core/errors.ts";

/** Members that many operations share, with the bounds of the service model (ecr 2015-09-21). */
export const accountId = z.string().regex(/^[0-9]{12}$/);
export const registryId = accountId.optional();
export const repositoryName = RepositoryName;
export const nextToken = z.string().optional();
export const maxResults = z.int().min(1).max(1000).optional();
export const imageTag = z.string().min(1).max(300);
export const policyText = z.string().min(1).max(10_240);

export const ImageIdentifier = z.object({
  imageDigest: z.string().optional(),
  imageTag: imageTag.optional(),
});
export type ImageIdentifier = z.infer<typeof ImageIdentifier>;
export const imageIds = z.array(ImageIdentifier).min(1).max(100);

export const tagStatus = z.enum(["TAGGED", "UNTAGGED", "ANY"]).optional();
export const imageStatus = z.enum(["ACTIVE", "ARCHIVED", "ACTIVATING", "ANY"]).optional();
export const imageFilter = z.object({ tagStatus, imageStatus }).optional();

/** IAM role or user ARN. */
export const principalArn = z
  .string()
  .max(200)
  .regex(
    /^arn:aws(-[a-z]+)*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/,
    "must be the ARN of an IAM role or user",
  );

export function toReference(id: ImageIdentifier): ImageReference {
  return { digest: id.imageDigest, tag: id.imageTag };
}
