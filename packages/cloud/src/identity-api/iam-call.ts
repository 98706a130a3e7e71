import type { Authorize, Caller } from "@tallyman/domain/iam-policy/authorize";
import {
  MalformedPolicyError,
  type PolicyKind,
  parsePolicy,
} from "@tallyman/domain/iam-policy/policy-document";
import type * as z from "zod";
import { AwsError } from "../http/aws-service.ts";
import type { XmlValue } from "../http/query-xml.ts";
import type { Identity } from "../identity/identity.ts";
import type { Role, RoleDefinition } from "../identity/roles.ts";
import { validationMessage } from "../sts/assume-role-input.ts";
import type { InstanceProfiles } from "./instance-profiles.ts";

/** One call of IAM, by a caller whose signature was verified. */
export type IamCall = {
  readonly operation: string;
  readonly identity: Identity;
  readonly profiles: InstanceProfiles;
  readonly authorize: Authorize;
  readonly caller: Caller;
  readonly account: string;
  /** By the cloud's clock. */
  readonly now: Date;
  /** When the roles that stacks declare came into being, as far as anybody can tell. */
  readonly started: Date;
};

export type IamOperation = {
  /** Parameters without `Action` and `Version`. */
  readonly shape: z.ZodType;
  readonly perform: (input: unknown, call: IamCall) => XmlValue;
};

/** An operation whose parameters have this shape; one that is not in it is refused. */
export function iamOperation<Shape extends z.ZodType>(
  shape: Shape,
  perform: (input: z.infer<Shape>, call: IamCall) => XmlValue,
): IamOperation {
  return { shape, perform: (input, call) => perform(parseInput(shape, input), call) };
}

function parseInput<Shape extends z.ZodType>(shape: Shape, input: unknown): z.infer<Shape> {
  const parsed = shape.safeParse(input);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys : [],
  );
  if (unknown.length > 0)
    throw new AwsError("ValidationError", `Not supported by the embedded IAM: ${unknown.join(", ")}`);
  const issues = parsed.error.issues.map((issue) => ({ ...issue, path: [fieldName(issue.path[0])] }));
  const fields = Object.entries(Object(input)).map(([name, value]) => [fieldName(name), value]);
  throw new AwsError("ValidationError", validationMessage(issues, Object.fromEntries(fields)));
}

/** `RoleName` is `roleName` in IAM's messages. */
function fieldName(name: PropertyKey = ""): string {
  const text = String(name);
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/**
 * @param shown what IAM calls the resource in its refusal: `role web`
 * @throws AwsError AccessDenied
 */
export function permit(
  { authorize, caller, account, operation }: IamCall,
  resource: string,
  {
    shown = resource,
    context = {},
  }: { readonly shown?: string; readonly context?: Record<string, string> } = {},
): void {
  const action = `iam:${operation}`;
  const decision = authorize({ caller, action, resource, resourceAccount: account, context });
  if (decision.allowed) return;
  const message = decision.message.replace(`on resource: ${resource}`, `on resource: ${shown}`);
  throw new AwsError("AccessDenied", message, 403);
}

/** The role that is asked for; throws when the caller may not ask, then when it is not there. */
export function roleOf(call: IamCall, name: string, context: Record<string, string> = {}): Role {
  const role = call.identity.findRole(call.account, name);
  const arn = role?.arn ?? `arn:aws:iam::${call.account}:role/${name}`;
  permit(call, arn, { shown: `role ${name}`, context: { ...tagContext(role), ...context } });
  if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

function tagContext(role: Role | undefined): Record<string, string> {
  const tags = Object.entries(role?.tags ?? {});
  return Object.fromEntries(tags.map(([key, value]) => [`iam:resourcetag/${key.toLowerCase()}`, value]));
}

/** Its sessions are judged by what it is now, from their next call on. */
export function changeRole({ identity }: IamCall, role: Role, change: Partial<RoleDefinition>): void {
  identity.replaceRole({ ...role.definition, ...change });
}

/** @throws AwsError MalformedPolicyDocument, saying what is wrong with it */
export function checkDocument(text: string, kind: PolicyKind): void {
  try {
    parsePolicy(text, kind);
  } catch (error) {
    if (error instanceof MalformedPolicyError) throw new AwsError(error.code, error.message);
    throw error;
  }
}

export function noSuchEntity(message: string): AwsError {
  return new AwsError("NoSuchEntity", message, 404);
}

export function alreadyExists(message: string): AwsError {
  return new AwsError("EntityAlreadyExists", message, 409);
}

export function deleteConflict(message: string): AwsError {
  return new AwsError("DeleteConflict", message, 409);
}

/** IAM's quotas of an account (IAM User Guide, "IAM and AWS STS quotas"). */
export function quotaExceeded(quota: string, limit: number): AwsError {
  return new AwsError("LimitExceeded", `Cannot exceed quota for ${quota}: ${limit}`, 409);
}

/** Characters of a policy that count for a quota: white space does not. */
export function policySize(text: string): number {
  return text.replaceAll(/\s/g, "").length;
}
