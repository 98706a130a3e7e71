/** The storage class that a rule looks at; a rule that names none looks at `standard`. */
export type StorageClass = "standard" | "archive";

export type CountType =
  | "imageCountMoreThan"
  | "sinceImagePushed"
  | "sinceImagePulled"
  | "sinceImageTransitioned";

/** Which images a rule is about: the ones with its tags, in its storage class, beyond its count. */
export type LifecycleSelection = {
  readonly tagStatus: "tagged" | "untagged" | "any";
  /** Whole-tag patterns, `*` = any characters. With `tagged`, exactly one of the two lists is there. */
  readonly tagPatternList?: readonly string[] | undefined;
  readonly tagPrefixList?: readonly string[] | undefined;
  readonly storageClass?: StorageClass | undefined;
  readonly countType: CountType;
  readonly countUnit?: "days" | undefined;
  readonly countNumber: number;
};

export type LifecycleAction =
  | { readonly type: "expire" }
  | { readonly type: "transition"; readonly targetStorageClass: "archive" };

export type LifecycleRule = {
  /** 1 or more, unique in its policy; the lowest number goes first. */
  readonly rulePriority: number;
  readonly description?: string | undefined;
  readonly selection: LifecycleSelection;
  readonly action: LifecycleAction;
};

/** ECR's native lifecycle policy in the shape of its document; `rules` are in the order of their priority. */
export type LifecyclePolicy = { readonly rules: readonly LifecycleRule[] };

export function storageClassOf({ selection }: Pick<LifecycleRule, "selection">): StorageClass {
  return selection.storageClass ?? "standard";
}

/** The document as ECR gives it back: rules by priority, members in one order, no spaces. */
export function formatLifecyclePolicy(policy: LifecyclePolicy): string {
  return JSON.stringify({ rules: policy.rules });
}
