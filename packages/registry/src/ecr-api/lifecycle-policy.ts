import type { LifecycleChoices } from "@tallyman/domain/lifecycle-policy/choices";
import { InvalidLifecyclePolicyError } from "@tallyman/domain/lifecycle-policy/errors";
import type { LifecyclePolicy } from "@tallyman/domain/lifecycle-policy/lifecycle-policy";
import {
  LIFECYCLE_POLICY_LENGTH,
  parseLifecyclePolicy,
} from "@tallyman/domain/lifecycle-policy/parse-lifecycle-policy";
import * as z from "zod";
import { EcrError, invalidParameter } from "../core/errors.ts";
import type { Sql } from "../storage/database.ts";
import { findLifecyclePolicy, type StoredLifecyclePolicy } from "../storage/lifecycle-policies.ts";
import type { Repository } from "../storage/repositories.ts";
import { toTimestamp } from "./outputs.ts";

const { min, max } = LIFECYCLE_POLICY_LENGTH;
export const lifecyclePolicyText = z
  .string()
  .min(min, `Member must have length greater than or equal to ${min}`)
  .max(max, `Member must have length less than or equal to ${max}`);

/** Throws InvalidParameterException in ECR's words. */
export function parsePolicyText(text: string, choices: LifecycleChoices): LifecyclePolicy {
  try {
    return parseLifecyclePolicy(text, choices);
  } catch (error) {
    if (!(error instanceof InvalidLifecyclePolicyError)) throw error;
    throw invalidParameter("LifecyclePolicyText", `Lifecycle policy validation failure: ${error.message}`);
  }
}

/** The repository's policy; throws LifecyclePolicyNotFoundException. */
export function getStoredPolicy(sql: Sql, repository: Repository): StoredLifecyclePolicy {
  const policy = findLifecyclePolicy(sql, repository.id);
  if (policy !== undefined) return policy;
  throw new EcrError(
    "LifecyclePolicyNotFoundException",
    `Lifecycle policy does not exist for the repository with name '${repository.name}' in the registry with id ` +
      `'${repository.account}'`,
  );
}

/** What GetLifecyclePolicy and DeleteLifecyclePolicy answer; a policy that never ran was last evaluated at 0. */
export function toStoredPolicy(repository: Repository, policy: StoredLifecyclePolicy): object {
  return {
    registryId: repository.account,
    repositoryName: repository.name,
    lifecyclePolicyText: policy.text,
    lastEvaluatedAt: toTimestamp(policy.evaluatedAt ?? 0),
  };
}
