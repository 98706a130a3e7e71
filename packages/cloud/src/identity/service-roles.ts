import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import { AwsError } from "../http/aws-service.ts";
import type { Authorizer } from "./authorizer.ts";
import type { Identity } from "./identity.ts";
import type { SessionCredentials } from "./sessions.ts";

export type ServiceRoleOptions = {
  /** The session's name, in its ARN: a function's name, a rule's. The service's own name unless given. */
  readonly sessionName?: string;
  /** Seconds; 12 hours unless given. Not bounded by the role: the service would renew it unseen. */
  readonly durationSeconds?: number;
  /** ARN of the rule or schedule for which the service acts. */
  readonly sourceArn?: string;
};

export type ServiceSession = { readonly caller: Caller; readonly credentials: SessionCredentials };

/**
 * A service acting through a role, as it does for a function's execution role, a target's or a schedule's.
 *
 * @throws AwsError AccessDenied, also recorded as a denial, when the role's trust policy does not name the service;
 * NoSuchEntity when there is no such role
 */
export type AssumeServiceRole = (
  roleArn: string,
  servicePrincipal: string,
  options?: ServiceRoleOptions,
) => ServiceSession;

export function createServiceRoles(deps: {
  readonly identity: Identity;
  readonly authorizer: Authorizer;
}): AssumeServiceRole {
  return (roleArn, service, options = {}) => {
    const role = deps.identity.findRoleByArn(roleArn);
    if (!role) throw new AwsError("NoSuchEntity", `The role ${roleArn} cannot be found.`, 404);
    const { sessionName = service.split(".")[0] ?? service, durationSeconds = 43_200, sourceArn } = options;
    const caller: Caller = { account: role.account, arn: service, service };
    const context = {
      "sts:rolesessionname": sessionName,
      ...(sourceArn !== undefined && { "aws:sourcearn": sourceArn }),
    };
    const decision = deps.authorizer.authorizeAssumeRole({ caller, roleArn, context });
    if (!decision.allowed) throw new AwsError("AccessDenied", decision.message, 403);
    const { account, name: roleName } = role;
    return deps.identity.sessions.issue({
      account,
      roleName,
      sessionName,
      durationSeconds,
      clock: "cloud",
    });
  };
}
