import { Digest, Tag } from "@tallyman/domain/image/digest";
import { AccountId, Region } from "@tallyman/domain/registry/registry";
import { RepositoryName } from "@tallyman/domain/registry/repository";
import { KeyText, Scope, SourceName } from "@tallyman/domain/usage/names";
import type { ZodMiniString } from "@tallyman/domain/zod";
import * as z from "zod";

/** What each parameter may be, in words: for the OpenAPI description and for the answer to whoever got it wrong. */
export const ALLOWED: Readonly<Record<string, string>> = {
  account: "an AWS account id: twelve digits",
  region: "an AWS Region name such as us-east-1",
  repository: "an ECR repository name: 2 to 256 lower-case letters, digits and . _ - /",
  tag: "an OCI tag: 1 to 128 letters, digits and . _ -, not beginning with . or -",
  digest: "sha256: and 64 lower-case hexadecimal digits",
  limit: "a whole number from 1 to 100; 50 when absent",
  cursor: "the `next` of the answer before, unchanged",
  day: "a UTC day as YYYY-MM-DD; today when absent",
  sort: "pushed, pulled or size",
  order: "ascending or descending; descending when absent",
  tagGlob: "a glob that one of the image's tags matches, such as 1.*",
  status: "ACTIVE, ARCHIVED or ACTIVATING",
  kind: "child, parent, referrer or subject",
  by: "registry, account, region or resource-tag",
  key: "a resource tag's key, such as team",
  stale: "true",
  since: "a time: before now as 30m, 2h, 7d or P1D, or 2026-11-21T12:00:00Z; at most 90 days ago",
  overdue: "true",
  run: "the `run` that POST /api/v1/reconciles answered with",
  source: "the name of a source of usage: ecs, lambda, inspector or one of the policy's usage.sources",
  scope: "what a source reports at once, as GET /api/v1/usage/{source} lists it",
  sequence: "the number of a report, from 1",
  queue: "the name of a dead-letter queue, as GET /api/v1/dead-letters lists them",
  on: "true or false",
  reason: "1 to 500 characters that tell others why",
};

/** A domain's string in the form of zod that the OpenAPI description is made from: the same checks and messages. */
export function text(schema: ZodMiniString): z.ZodString {
  return z.string().check(...(schema.def.checks ?? []));
}

export function described<Schema extends z.ZodType>(name: string, schema: Schema): Schema {
  return schema.describe(ALLOWED[name] ?? name);
}

export const account = described("account", text(AccountId));
export const region = described("region", text(Region));
export const repository = described("repository", text(RepositoryName));
export const tag = described("tag", text(Tag));
export const digest = described("digest", text(Digest));

export const source = described("source", text(SourceName));
export const scope = described("scope", text(Scope));
/** A cluster or service as a report names it. */
export const name = text(KeyText);

export const paging = {
  limit: described("limit", z.coerce.number<string>().int().min(1).max(100).default(50)),
  cursor: described("cursor", z.string().max(4096).optional()),
};

/** A page of `item`: `next` is there when there may be more. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().optional().openapi({ description: "Give it as `cursor` to go on; absent at the end" }),
  });
}
