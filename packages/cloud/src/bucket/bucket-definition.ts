import { join } from "node:path";
import * as z from "zod";

/** A bucket that a stack declares. Bucket names are one namespace over all accounts. */
export type BucketDefinition = {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** From a bucket policy resource, parsed. */
  readonly policy: unknown;
};

/** An object that is there from the start, again at each start. */
export type InitialObject = {
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  /** An absolute file name, or the text itself. */
  readonly source: { readonly file: string } | { readonly content: string };
};

type Place = { readonly account: string; readonly region: string };

const BucketInputs = z.object({ bucket: z.string().optional() });
const PolicyInputs = z.object({ bucket: z.string(), policy: z.unknown() });
const ObjectInputs = z.object({
  bucket: z.string(),
  key: z.string(),
  contentType: z.string().default("application/octet-stream"),
  source: z.string().optional(),
  content: z.string().optional(),
});

/** Reads an `aws:s3/bucket*:Bucket*` resource, with the inputs of its bucket policy if it has one. */
export function bucketDefinition(logicalName: string, resource: unknown, place: Place, policy?: unknown) {
  const inputs = BucketInputs.parse(resource);
  const name = inputs.bucket ?? logicalName.toLowerCase();
  return { ...place, name, policy: policy === undefined ? undefined : PolicyInputs.parse(policy).policy };
}

/** The bucket that an `aws:s3/bucketPolicy:BucketPolicy` resource belongs to. */
export function policyBucket(resource: unknown): string {
  return PolicyInputs.parse(resource).bucket;
}

/** Reads an `aws:s3/bucketObject*` resource; `root` is what its `source` is relative to. */
export function initialObject(logicalName: string, resource: unknown, root: string): InitialObject {
  const { source, content, ...object } = ObjectInputs.parse(resource);
  if (source !== undefined) return { ...object, source: { file: join(root, source) } };
  if (content !== undefined) return { ...object, source: { content } };
  throw new Error(`Object ${logicalName}: neither source nor content says what it holds`);
}
