import { evaluateAccess } from "@tallyman/domain/iam-policy/evaluate-access";
import { parsePolicy } from "@tallyman/domain/iam-policy/policy-document";
import type { Registry } from "@tallyman/domain/registry/registry";
import { type RepositoryRef, repositoryArn } from "@tallyman/domain/registry/repository";
import type { Sql } from "../storage/database.ts";
import { findRegistryPolicy } from "../storage/registry-settings.ts";

export type ReplicationAction = "ecr:ReplicateImage" | "ecr:CreateRepository";

/** ECR acts here by its service-linked role, which may do this: it is the destination's word that counts. */
const SERVICE_ROLE = {
  name: "AWSServiceRoleForECRReplication",
  document: parsePolicy(
    {
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: ["ecr:ReplicateImage", "ecr:CreateRepository"], Resource: "*" },
    },
    "identity",
  ),
};

/**
 * May the source's account write to the destination? Within one account unless the destination's registry policy denies
 * it; otherwise that policy must allow it to the source account's root. The source needs no permission of its own.
 */
export function isReplicationGranted(
  sql: Sql,
  ask: { readonly action: ReplicationAction; readonly source: Registry; readonly target: RepositoryRef },
): boolean {
  const { account } = ask.source;
  const policy = findRegistryPolicy(sql, ask.target);
  const arn = account === ask.target.account ? roleArn(account) : `arn:aws:iam::${account}:root`;
  const decision = evaluateAccess(
    {
      caller: { account, arn },
      action: ask.action,
      resource: repositoryArn(ask.target),
      resourceAccount: ask.target.account,
      context: { "aws:principalaccount": account, "aws:principalarn": arn },
    },
    {
      identity: [SERVICE_ROLE],
      resource:
        policy === undefined ? [] : [{ name: "registry policy", document: parsePolicy(policy, "resource") }],
    },
  );
  return decision.allowed;
}

function roleArn(account: string): string {
  return `arn:aws:iam::${account}:role/aws-service-role/replication.ecr.amazonaws.com/${SERVICE_ROLE.name}`;
}
