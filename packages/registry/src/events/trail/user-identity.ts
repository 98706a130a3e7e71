import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import { roleOfSession } from "@tallyman/domain/iam-policy/principals";

/** Who called, as CloudTrail says it; the `principalId` is known to IAM alone. */
export function userIdentity({ account, arn, service }: Caller): Readonly<Record<string, unknown>> {
  if (service !== undefined) return { type: "AWSService", invokedBy: service };
  const role = roleOfSession(arn);
  const userName = (role ?? arn).slice((role ?? arn).lastIndexOf("/") + 1);
  if (role === undefined) return { type: "IAMUser", arn, accountId: account, userName };
  const sessionIssuer = { type: "Role", arn: role, accountId: account, userName };
  return { type: "AssumedRole", arn, accountId: account, sessionContext: { sessionIssuer } };
}
