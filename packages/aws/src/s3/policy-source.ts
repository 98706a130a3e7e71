import { parsePolicy } from "@tallyman/domain/policy/parse-policy";
import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { Bucket } from "./bucket.ts";
import { keptDocument } from "./kept-document.ts";

/** The policy in force, read from its object (JSON) and kept for a minute. One that is no policy is an error each time. */
export function s3PolicySource(bucket: Bucket, key: string, now?: () => number): PolicySource {
  return { currentPolicy: keptDocument({ bucket, key, now }, parsePolicy) };
}
