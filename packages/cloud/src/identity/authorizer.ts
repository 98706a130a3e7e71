import type { AuthorizationRequest, Authorize, Caller } from "@tallyman/domain/iam-policy/authorize";
import {
  type AccessDecision,
  type AccessPolicies,
  evaluateAccess,
  type NamedPolicy,
} from "@tallyman/domain/iam-policy/evaluate-access";
import {
  MalformedPolicyError,
  type PolicyDocument,
  parsePolicy,
} from "@tallyman/domain/iam-policy/policy-document";
import type { RequestContext } from "@tallyman/domain/iam-policy/policy-variables";
import type { Denials } from "./denials.ts";
import type { Identity } from "./identity.ts";
import { findPrincipal, type KnownPrincipal, requestContext } from "./request-context.ts";

export type AssumeRoleQuestion = {
  readonly caller: Caller;
  readonly roleArn: string;
  /** `sts:externalid`, `sts:rolesessionname`, `aws:sourcearn`, lower case. */
  readonly context?: RequestContext;
};

export type Authorizer = {
  /** Decides and records a refusal. */
  readonly authorize: Authorize;
  /** Whether the role's trust policy, and where the account asks for it the caller's own, allow `sts:AssumeRole`. */
  readonly authorizeAssumeRole: (question: AssumeRoleQuestion) => AccessDecision;
};

/** Decides over the registered users and roles. Never throws: a policy that cannot be read refuses. */
export function createAuthorizer(deps: {
  readonly identity: Identity;
  readonly denials: Denials;
}): Authorizer {
  const recorded = (request: AuthorizationRequest, decision: AccessDecision) => {
    if (!decision.allowed && !request.hypothetical) record(deps, request, decision);
    return decision;
  };
  return {
    authorize(request) {
      const decision = recorded(request, evaluate(deps.identity, request));
      if (decision.allowed) return { allowed: true };
      return { allowed: false, explicitDeny: decision.explicitDeny, message: decision.message };
    },
    authorizeAssumeRole(question) {
      const request = assumeRoleRequest(question);
      const trust = deps.identity.findRoleByArn(question.roleArn)?.trust;
      if (!trust) return recorded(request, refuse(request, "because there is no such role"));
      return recorded(request, evaluate(deps.identity, request, trust));
    },
  };
}

function assumeRoleRequest({ caller, roleArn, context = {} }: AssumeRoleQuestion): AuthorizationRequest {
  const resourceAccount = roleArn.split(":")[4] ?? "";
  return { caller, action: "sts:AssumeRole", resource: roleArn, resourceAccount, context };
}

function evaluate(identity: Identity, request: AuthorizationRequest, trust?: NamedPolicy): AccessDecision {
  const { caller, action, resource, resourceAccount } = request;
  const principal = findPrincipal(identity, caller);
  const { role } = principal;
  const context = requestContext(identity, request, principal);
  const policies = collectPolicies(principal, request);
  if (policies instanceof MalformedPolicyError)
    return refuse(request, "because a policy cannot be read", policies.problems);
  return evaluateAccess(
    { caller, ...(role && { roleArn: role.arn }), action, resource, resourceAccount, context },
    { ...policies, ...(trust && { trust }) },
  );
}

function collectPolicies(
  { user, role }: KnownPrincipal,
  { caller, resourcePolicies = [] }: AuthorizationRequest,
): AccessPolicies | MalformedPolicyError {
  const boundary = role?.boundary ?? user?.boundary;
  try {
    return {
      identity: role?.policies ?? user?.policies ?? [],
      ...(boundary && { boundary }),
      resource: named("resource", resourcePolicies.map(resourceDocument)),
      ...(caller.sessionPolicies && {
        session: named(
          "session",
          caller.sessionPolicies.map((text) => parsePolicy(text, "session")),
        ),
      }),
    };
  } catch (error) {
    if (error instanceof MalformedPolicyError) return error;
    throw error;
  }
}

/** By the object in which a stack's policy stands: it is replaced as a whole when it is swapped. */
const known = new WeakMap<object, PolicyDocument>();

function resourceDocument(policy: unknown): PolicyDocument {
  if (typeof policy !== "object" || policy === null) return parsePolicy(policy, "resource");
  const document = known.get(policy) ?? parsePolicy(policy, "resource");
  known.set(policy, document);
  return document;
}

function named(kind: "resource" | "session", documents: readonly PolicyDocument[]): readonly NamedPolicy[] {
  return documents.map((document, index) => ({ name: `${kind}-${index}`, document }));
}

function refuse(
  { caller, action, resource }: AuthorizationRequest,
  reason: string,
  problems: readonly string[] = [],
): AccessDecision {
  const who = caller.service ?? caller.arn;
  const message = `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
  return { allowed: false, explicitDeny: false, message, statements: [], problems };
}

function record(
  { identity, denials }: { readonly identity: Identity; readonly denials: Denials },
  { caller, action, resource }: AuthorizationRequest,
  decision: AccessDecision & { readonly allowed: false },
): void {
  const { explicitDeny, message, problems } = decision;
  const principal = caller.service ?? caller.arn;
  const at = identity.now().toISOString();
  denials.record({
    at,
    principal,
    account: caller.account,
    action,
    resource,
    explicitDeny,
    message,
    problems,
  });
}
