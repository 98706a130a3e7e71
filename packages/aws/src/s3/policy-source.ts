import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { Bucket } from "./bucket.ts";
import { keptDocument } from "./kept-document.ts";

type Parsing = typeof import("@tallyman/domain/policy/parse-policy");

/**
 * The policy in force, read from its object (JSON) and kept for a minute. One that is no policy is an error each time. What
 * understands a policy is loaded while the first one is being fetched: a start should not wait for both, one after the other.
 */
export function s3PolicySource(bucket: Bucket, key: string, now?: () => number): PolicySource {
  let loading: Promise<Parsing> | undefined;
  const parsing = () => {
    loading ??= import("@tallyman/domain/policy/parse-policy");
    return loading;
  };
  const current = keptDocument({ bucket, key, now }, async (document) =>
    (await parsing()).parsePolicy(document),
  );
  return {
    async currentPolicy() {
      const [policy] = await Promise.all([current(), parsing()]);
      return policy;
    },
  };
}
