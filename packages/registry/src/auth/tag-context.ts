import type { AuthorizationRequest } from "@tallyman/domain/iam-policy/authorize";
import type { ResourceTag } from "../storage/repositories.ts";

export type PermissionContext = NonNullable<AuthorizationRequest["context"]>;

/** Condition keys of a request that brings tags: `aws:RequestTag/<key>` and `aws:TagKeys`. */
export function requestTags(
  tags: readonly { readonly Key: string; readonly Value: string }[],
): PermissionContext {
  if (tags.length === 0) return {};
  const values = tags.map(({ Key, Value }) => [`aws:requesttag/${Key.toLowerCase()}`, Value]);
  return { ...Object.fromEntries(values), ...tagKeys(tags.map(({ Key }) => Key)) };
}

export function tagKeys(keys: readonly string[]): PermissionContext {
  return { "aws:tagkeys": keys };
}

/** Condition keys of a resource that has tags, in both spellings that ECR knows. */
export function resourceTags(tags: readonly ResourceTag[]): PermissionContext {
  return Object.fromEntries(
    tags.flatMap(({ key, value }) =>
      ["aws", "ecr"].map((prefix) => [`${prefix}:resourcetag/${key.toLowerCase()}`, value]),
    ),
  );
}
