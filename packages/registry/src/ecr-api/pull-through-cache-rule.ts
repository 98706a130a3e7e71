import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import type { Sql } from "../storage/database.ts";
import type { PullThroughCacheRule } from "../storage/pull-through-cache-rule.ts";
import { findDocument } from "../storage/registry-documents.ts";
import { toTimestamp } from "./outputs.ts";

const PREFIX = /^([a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\/?|ROOT)$/;

export const ecrRepositoryPrefix = z.string().min(2).max(30).regex(PREFIX);
export const templatePrefix = z.string().min(1).max(256).regex(PREFIX);
export const customRoleArn = z.string().max(2048).optional();
export const credentialArn = z
  .string()
  .min(50)
  .max(612)
  .regex(/^arn:aws(-\w+)*:secretsmanager:[a-zA-Z0-9-:]+:secret:ecr-pullthroughcache\/[a-zA-Z0-9/_+=.@-]+$/)
  .optional();

/** Throws PullThroughCacheRuleNotFoundException. */
export function getRule(sql: Sql, registry: Registry, name: string): PullThroughCacheRule {
  const rule = findDocument(sql, registry, { kind: "pullThroughCacheRule", name });
  if (rule !== undefined) return rule;
  throw new EcrError(
    "PullThroughCacheRuleNotFoundException",
    `The pull through cache rule with Amazon ECR repository prefix '${name}' does not exist in the registry with id ` +
      `'${registry.account}'`,
  );
}

/** Throws UnableToAccessSecretException: ECR reads secrets of the rule's own account and Region alone. */
export function requireOwnSecret(arn: string | undefined, { account, region }: Registry): void {
  if (arn === undefined || arn.split(":").slice(3, 5).join(":") === `${region}:${account}`) return;
  throw new EcrError(
    "UnableToAccessSecretException",
    "The secret is unable to be accessed. It must be in the account and Region of the pull through cache rule.",
  );
}

/** What every operation on a rule answers; the model lets each show other times. */
export function toRule(rule: PullThroughCacheRule, registry: Registry) {
  const { createdAt: _, updatedAt: __, ...members } = rule;
  return { registryId: registry.account, ...members };
}

/** `PullThroughCacheRule` of DescribePullThroughCacheRules. */
export function toDescribedRule(rule: PullThroughCacheRule, registry: Registry): object {
  const { createdAt, updatedAt } = rule;
  return { ...toRule(rule, registry), createdAt: toTimestamp(createdAt), updatedAt: toTimestamp(updatedAt) };
}
