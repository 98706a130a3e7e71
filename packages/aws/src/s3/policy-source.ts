import { parsePolicy } from "@tallyman/domain/policy/parse-policy";
import type { Policy } from "@tallyman/domain/policy/policy";
import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { Bucket } from "./bucket.ts";

/** A new policy is in force everywhere after this long. */
const KEPT_FOR_MS = 60_000;

/** The policy in force, read from its object (JSON) and kept for a minute. One that is no policy is an error each time. */
export function s3PolicySource(bucket: Bucket, key: string, now: () => number = Date.now): PolicySource {
  let held: { readonly policy: Policy; readonly at: number } | undefined;
  return {
    async currentPolicy() {
      // The clock may be set back: a difference either way ends the minute.
      if (held && Math.abs(now() - held.at) < KEPT_FOR_MS) return held.policy;
      const text = new TextDecoder().decode(await bucket.get(key));
      held = { policy: await parsePolicy(JSON.parse(text)), at: now() };
      return held.policy;
    },
  };
}
