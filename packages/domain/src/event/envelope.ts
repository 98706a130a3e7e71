import { Digest } from "../image/digest.ts";
import { AccountId, Region } from "../registry/registry.ts";
import type { RepositoryName, RepositoryRef } from "../registry/repository.ts";
import * as z from "../zod.ts";
import type { EventSubject } from "./registry-event.ts";

/**
 * What every event of ECR has in common. Only the fields that are used; AWS adds others without notice. `resources` is
 * empty for image actions, so account and Region come from the envelope.
 */
export const ENVELOPE = {
  id: z.string().check(z.minLength(1), z.maxLength(200)),
  source: z.literal("aws.ecr"),
  account: AccountId,
  region: Region,
  time: z.string().check(z.maxLength(40)),
};

/** `""` as if the key were not there. */
export const orNone = z.transform((text: string | undefined) => text || undefined);

/** A push without a tag carries `"image-tag": ""` or no such key: both mean none. */
export const ImageTag = z.pipe(z.optional(z.string().check(z.maxLength(300))), orNone);

/** Absent or empty: none. */
export const ImageDigest = z.pipe(z.optional(z.union([z.literal(""), Digest])), orNone);

/** What an event's detail names; undefined: neither a digest nor a tag. */
export function subjectOf(detail: {
  readonly "image-digest"?: string | undefined;
  readonly "image-tag"?: string | undefined;
}): EventSubject | undefined {
  const digest = detail["image-digest"];
  const tag = detail["image-tag"];
  if (digest) return { digest, ...(tag && { tag }) };
  return tag ? { tag } : undefined;
}

/** The repository that an event is about. */
export function repositoryOf(event: {
  readonly account: string;
  readonly region: string;
  readonly detail: { readonly "repository-name": RepositoryName };
}): RepositoryRef {
  return { account: event.account, region: event.region, repository: event.detail["repository-name"] };
}
