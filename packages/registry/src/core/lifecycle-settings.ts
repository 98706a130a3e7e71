import { LIFECYCLE_CHOICES, type LifecycleChoices } from "@tallyman/domain/lifecycle-policy/choices";

/** How lifecycle policies are run; what AWS does not document is a choice here. Times in milliseconds. */
export type LifecycleSettings = LifecycleChoices & {
  /** From one run of a repository's policy to the next; ECR acts "within 24 hours". */
  readonly interval: number;
  /** How long a preview is IN_PROGRESS, and from its start until its results are EXPIRED. */
  readonly previewDuration: number;
  readonly previewLife: number;
  /** Whether referrers follow their subjects also where a repository has no lifecycle policy. */
  readonly followWithoutPolicy: boolean;
};

const HOUR = 60 * 60 * 1000;

export const LIFECYCLE_SETTINGS: LifecycleSettings = {
  ...LIFECYCLE_CHOICES,
  interval: 24 * HOUR,
  previewDuration: 1000,
  previewLife: 24 * HOUR,
  followWithoutPolicy: false,
};
