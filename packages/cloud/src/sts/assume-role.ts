import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import { MalformedPolicyError, parsePolicy } from "@tallyman/domain/iam-policy/policy-document";
import { AwsError } from "../http/aws-service.ts";
import type { Authorizer } from "../identity/authorizer.ts";
import type { Identity } from "../identity/identity.ts";
import { managedPolicy } from "../identity/managed-policies.ts";
import type { Role } from "../identity/roles.ts";
import type { SigningClock } from "../identity/sessions.ts";
import type { AssumeRoleInput } from "./assume-role-input.ts";
import type { XmlValue } from "./sts-xml.ts";

export type AssumeRoleDeps = { readonly identity: Identity; readonly authorizer: Authorizer };

const hour = 3600;

/**
 * AssumeRole: the role's trust policy decides, between accounts together with the caller's own policies; a session policy can
 * only narrow. The session keeps the caller's signing clock.
 *
 * @throws AwsError AccessDenied (also for a role that does not exist), ValidationError, MalformedPolicyDocument
 */
export function assumeRole(
  { identity, authorizer }: AssumeRoleDeps,
  { caller, clock }: { readonly caller: Caller; readonly clock: SigningClock },
  input: AssumeRoleInput,
): XmlValue {
  if (!/^arn:aws:iam::\d{12}:role\/.+$/.test(input.roleArn))
    throw new AwsError("ValidationError", `${input.roleArn} is invalid`);
  const sessionPolicies = readSessionPolicies(input);
  const { roleArn, roleSessionName: sessionName, externalId } = input;
  const context = {
    "sts:rolesessionname": sessionName,
    ...(externalId !== undefined && { "sts:externalid": externalId }),
  };
  const decision = authorizer.authorizeAssumeRole({ caller, roleArn, context });
  const role = identity.findRoleByArn(roleArn);
  if (!decision.allowed || !role) throw accessDenied(caller, roleArn, decision);
  const durationSeconds = readDuration(input, caller, role);
  const { account, name: roleName } = role;
  const session = identity.sessions.issue({
    account,
    roleName,
    sessionName,
    durationSeconds,
    clock,
    ...(sessionPolicies && { sessionPolicies }),
  });
  return result(session, `${role.id}:${sessionName}`, input.policy);
}

function readDuration(input: AssumeRoleInput, caller: Caller, role: Role): number {
  const { durationSeconds = hour } = input;
  if (durationSeconds > hour && caller.arn.includes(":assumed-role/"))
    throw new AwsError(
      "ValidationError",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  if (durationSeconds > role.maxSessionSeconds)
    throw new AwsError(
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  return durationSeconds;
}

function readSessionPolicies({ policy, policyArns }: AssumeRoleInput): readonly string[] | undefined {
  if (policy !== undefined) checkSessionPolicy(policy);
  const managed = policyArns.map((arn) => JSON.stringify(findManaged(arn)));
  const all = [...(policy === undefined ? [] : [policy]), ...managed];
  return all.length > 0 ? all : undefined;
}

function checkSessionPolicy(policy: string): void {
  try {
    parsePolicy(policy, "session");
  } catch (error) {
    if (error instanceof MalformedPolicyError) throw new AwsError(error.code, error.message);
    throw error;
  }
}

function findManaged(arn: string): unknown {
  try {
    return managedPolicy(arn).document;
  } catch (cause) {
    throw new AwsError("ValidationError", cause instanceof Error ? cause.message : String(cause));
  }
}

/** STS gives no reason for a silent refusal; the list of denials does. */
function accessDenied(
  caller: Caller,
  roleArn: string,
  decision: ReturnType<Authorizer["authorizeAssumeRole"]>,
): AwsError {
  const silent = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
  const explicit = !decision.allowed && decision.explicitDeny;
  return new AwsError("AccessDenied", explicit ? decision.message : silent, 403);
}

function result(
  { caller, credentials }: ReturnType<Identity["sessions"]["issue"]>,
  assumedRoleId: string,
  policy: string | undefined,
): XmlValue {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
  return {
    AssumedRoleUser: { AssumedRoleId: assumedRoleId, Arn: caller.arn },
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: expiration.toISOString(),
    },
    PackedPolicySize: policy && Math.ceil((policy.length / 2048) * 100),
  };
}
