import { randomUUID } from "node:crypto";
import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import { AwsError, type AwsRequest } from "../../http/aws-service.ts";
import type { Identity } from "../../identity/identity.ts";
import { type Alias, functionArn, type LambdaFunction, type Version } from "./function-record.ts";
import type { FunctionStore } from "./function-store.ts";
import type { ImageSource } from "./image-source.ts";

/** A function that a stack declares: it can be seen, and not be changed by calls. */
export type DeclaredFunction = {
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly roleArn: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
};

export type LambdaDeps = {
  readonly store: FunctionStore;
  readonly images: ImageSource;
  readonly identity: Identity;
  readonly authorize: Authorize;
  readonly declared: () => readonly DeclaredFunction[];
  /** Whether Lambda may assume the role. */
  readonly trusts: (roleArn: string) => boolean;
};

/** One call of Lambda, by a caller whose signature was verified. */
export type LambdaCall = Pick<AwsRequest, "caller" | "account" | "region" | "query" | "body"> & {
  readonly deps: LambdaDeps;
  readonly operation: string;
  /** Of the path. */
  readonly parts: Readonly<Record<string, string>>;
};

/** `name`, `<account>:name`, a partial or whole ARN, each perhaps with `:<qualifier>` behind it. */
const NAME =
  /^(?:arn:aws:lambda:(?<region>[a-z0-9-]+):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[\w-]{1,64})(?::(?<qualifier>\$LATEST|[\w-]+))?$/;

export type Addressed = {
  readonly name: string;
  readonly arn: string;
  readonly qualifier: string | undefined;
};

/** The function that the path names, and the qualifier in it or in the query. @throws AwsError ValidationException */
export function addressed(call: LambdaCall): Addressed {
  const text = call.parts["FunctionName"] ?? "";
  const found = NAME.exec(text)?.groups;
  if (!found?.["name"])
    throw validation(
      `1 validation error detected: Value '${text}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${NAME.source}`,
    );
  const { account = call.account, region = call.region, name } = found;
  const qualifier = call.query.get("Qualifier") ?? found["qualifier"];
  return { name, arn: functionArn({ account, region, name }), qualifier: qualifier ?? undefined };
}

/** @throws AwsError AccessDeniedException */
export function permit(
  { deps, caller, account, operation }: LambdaCall,
  resource: string,
  {
    action = `lambda:${operation}`,
    context,
  }: { readonly action?: string; readonly context?: Record<string, string> } = {},
): void {
  const question = { caller, action, resource, resourceAccount: account, ...(context && { context }) };
  const decision = deps.authorize(question);
  if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message, 403);
}

/** A function that calls have made; throws when the caller may not ask, then when it is not there. */
export function functionOf(call: LambdaCall): LambdaFunction {
  const { arn, qualifier, name } = addressed(call);
  permit(call, qualifier === undefined ? arn : `${arn}:${qualifier}`);
  const found = call.deps.store.find(arn);
  if (found) return found;
  if (call.deps.declared().some((declared) => declared.arn === arn))
    throw invalid(`${name} is declared by a stack, which alone can change it; it is not made from an image.`);
  throw notFound(`Function not found: ${arn}`);
}

/** What a qualifier means: `$LATEST` when there is none. @throws AwsError ResourceNotFoundException */
export function versionOf(
  record: LambdaFunction,
  qualifier = "$LATEST",
): { readonly version: Version; readonly alias?: Alias } {
  const alias = record.aliases.find(({ name }) => name === qualifier);
  const wanted = alias?.version ?? qualifier;
  const version = [record.latest, ...record.versions].find((one) => one.version === wanted);
  if (version) return { version, ...(alias && { alias }) };
  throw notFound(`Function not found: ${functionArn(record)}:${qualifier}`);
}

/** Reads the body. @throws AwsError ValidationException, or InvalidRequestContentException for what is no JSON */
export function inputOf<Shape extends z.ZodType>(shape: Shape, { body }: LambdaCall): z.infer<Shape> {
  const parsed = shape.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  throw validation(`1 validation error detected: ${z.prettifyError(parsed.error)}`);
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw new AwsError("InvalidRequestContentException", "Could not parse request body into json.");
  }
}

/** Where the caller has seen another revision than there is now, nothing is changed. */
export function checkRevision(given: string | undefined, current: string): void {
  if (given !== undefined && given !== current)
    throw new AwsError(
      "PreconditionFailedException",
      "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
      412,
    );
}

export function newRevision(): string {
  return randomUUID();
}

/** `2026-11-22T06:30:00.000+0000` */
export function lambdaTime(time: Date): string {
  return time.toISOString().replace("Z", "+0000");
}

export function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}

export function validation(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

export function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message, 404);
}

export function conflict(message: string): AwsError {
  return new AwsError("ResourceConflictException", message, 409);
}
