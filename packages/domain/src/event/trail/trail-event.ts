import type { Deed } from "../../history/deed.ts";
import type { Registry } from "../../registry/registry.ts";
import type { RepositoryRef } from "../../registry/repository.ts";

/** One thing that was done, or that failed, to a repository or to one image of it. */
export type TrailAct = {
  readonly action: Deed["action"];
  readonly digest?: string;
  readonly tag?: string;
  /** Every tag that a lifecycle policy says the image had (100 at most are told). */
  readonly tags?: readonly string[];
  /** Of a lifecycle policy: which rule, in words. */
  readonly rule?: string;
  /** Why it did not happen. */
  readonly failure?: string;
};

/**
 * A record of CloudTrail in the product's words. Like every event a hint: what is there follows from reading the registry.
 * `call`: of ECR's API, by whomever; `lifecycle`: of the registry's own rules; `activation`: a restore that came to its end.
 */
export type TrailEvent = {
  readonly kind: "call" | "lifecycle" | "activation";
  /** CloudTrail's, the same in the record of each account that gets one. */
  readonly id: string;
  /** ISO 8601, when it was done. */
  readonly time: string;
  /** Whose bus told of it: the caller's account gets a record too, when the repository is another's. */
  readonly heardFrom: Registry;
  readonly repository: RepositoryRef;
  readonly by: string;
  readonly acts: readonly TrailAct[];
};

/** A call that the registry refused: nothing was done. */
export type RefusedCall = { readonly kind: "refused"; readonly id: string; readonly heardFrom: Registry };
