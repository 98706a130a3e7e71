/**
 * Where AWS documents nothing, or its documents disagree: each choice that changes which policies are accepted or which
 * images are acted on. Whoever depends on one of them is tested with both.
 */
export type LifecycleChoices = {
  /** Whether `"storageClass": "standard"` may be written out. */
  readonly acceptExplicitStandard: boolean;
  /** Whether an image is too old once it is older than the limit, or already when it is exactly as old. */
  readonly ageLimit: "exceeded" | "reached";
  /** Whether ages count to the millisecond or in whole days, what is left over being dropped. */
  readonly ageUnit: "exact" | "wholeDays";
  /** Whether a rule also keeps lower rules off images with its tags that lie in another storage class than its own. */
  readonly shieldAcrossStorageClasses: boolean;
  /** One `untagged` rule for each storage class, or one for each storage class and action. */
  readonly oneUntaggedRulePer: "storageClass" | "storageClassAndAction";
  /** What no two `tagged` rules of a storage class may share: the whole `list` of patterns or prefixes, or any `entry`. */
  readonly uniqueTags: "list" | "entry";
  /**
   * `excluded`: images that an active index refers to are not seen by rules. `ranked`: they are counted, and reported
   * as blocked where a rule selects them; they stay in either case.
   */
  readonly indexChildren: "excluded" | "ranked";
  /** Whether rules see images with a subject like any other. Otherwise they only follow their subject. */
  readonly selectReferrers: boolean;
};

export const LIFECYCLE_CHOICES: LifecycleChoices = {
  acceptExplicitStandard: true,
  ageLimit: "exceeded",
  ageUnit: "exact",
  shieldAcrossStorageClasses: false,
  oneUntaggedRulePer: "storageClass",
  uniqueTags: "list",
  indexChildren: "excluded",
  selectReferrers: false,
};
