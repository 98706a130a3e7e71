import { LIFECYCLE_CHOICES } from "@tallyman/domain/lifecycle-policy/choices";
import * as z from "zod";

/** Which lifecycle policies are taken and what they do: the choices of the evaluator, by its names, and those of a run. */
export const LIFECYCLE_SWITCHES = {
  /** L1. Whether `"storageClass": "standard"` may be written out. */
  acceptExplicitStandard: z.boolean().default(LIFECYCLE_CHOICES.acceptExplicitStandard),
  /** L2. Whether an image is too old once it is older than the limit, or already when it is exactly as old. */
  ageLimit: z.enum(["exceeded", "reached"]).default(LIFECYCLE_CHOICES.ageLimit),
  /** L2. Whether ages count to the millisecond or in whole days. */
  ageUnit: z.enum(["exact", "wholeDays"]).default(LIFECYCLE_CHOICES.ageUnit),
  /** L3. Whether a rule also keeps lower rules off images with its tags that lie in another storage class. */
  shieldAcrossStorageClasses: z.boolean().default(LIFECYCLE_CHOICES.shieldAcrossStorageClasses),
  /** L4. One `untagged` rule for each storage class, or one for each storage class and action. */
  oneUntaggedRulePer: z
    .enum(["storageClass", "storageClassAndAction"])
    .default(LIFECYCLE_CHOICES.oneUntaggedRulePer),
  /** 4.3. What two rules of a storage class cannot share: the whole `list` of tags, or any `entry` of it. */
  uniqueTags: z.enum(["list", "entry"]).default(LIFECYCLE_CHOICES.uniqueTags),
  /** L5. Images that an active index refers to are not seen by rules, or are counted, and reported as blocked. */
  indexChildren: z.enum(["excluded", "ranked"]).default(LIFECYCLE_CHOICES.indexChildren),
  /** L6. How long after its start the results of a preview are there. */
  previewLife: z.enum(["24h", "1h"]).default("24h"),
  /** L7. Whether referrers follow their subjects also where a repository has no lifecycle policy. */
  followWithoutPolicy: z.boolean().default(false),
  /** L7. Whether rules see images with a subject like any other; otherwise these only follow their subject. */
  selectReferrers: z.boolean().default(LIFECYCLE_CHOICES.selectReferrers),
};
