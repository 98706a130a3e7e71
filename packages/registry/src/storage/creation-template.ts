import type { Encryption, ResourceTag, TagMutability } from "./repositories.ts";

export type AppliedFor = "REPLICATION" | "PULL_THROUGH_CACHE" | "CREATE_ON_PUSH";

/** A template that is kept under its `prefix`. Policies are JSON text. Times in milliseconds. */
export type CreationTemplate = {
  readonly prefix: string;
  readonly description?: string | undefined;
  readonly encryption: Encryption;
  readonly tags: readonly ResourceTag[];
  readonly tagMutability: TagMutability;
  readonly exclusionFilters: readonly string[];
  readonly repositoryPolicy?: string | undefined;
  readonly lifecyclePolicy?: string | undefined;
  readonly appliedFor: readonly AppliedFor[];
  readonly customRoleArn?: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
};
