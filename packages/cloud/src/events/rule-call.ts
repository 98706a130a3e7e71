import type { AuthorizationRequest, Authorize } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import { AwsError, type AwsRequest } from "../http/aws-service.ts";
import { ruleArn } from "./make-rule.ts";
import type { Bus, Rule } from "./rule.ts";
import type { RuleBook } from "./rule-book.ts";

export type RulesDeps = {
  readonly rules: RuleBook;
  readonly authorize: Authorize;
  readonly hasBus: (arn: string) => boolean;
  readonly busesOf: (account: string, region: string) => readonly Bus[];
};

export type Operation = (request: AwsRequest, deps: RulesDeps) => object;

export const name = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);
export const EventBusName = z.string().min(1).max(1600).default("default");

export type AskedRule = { readonly Name: string; readonly EventBusName: string };
type Question = {
  readonly operation: string;
  readonly rule: AskedRule;
  readonly context?: AuthorizationRequest["context"];
};

/** The rule that is asked for; throws when the caller may not ask, then when it is not there. */
export function ruleOf(request: AwsRequest, deps: RulesDeps, question: Question): Rule {
  const found = deps.rules.find(permitOnRule(request, deps, question));
  if (found) return found;
  const { rule } = question;
  throw new AwsError(
    "ResourceNotFoundException",
    `Rule ${rule.Name} does not exist on EventBus ${busName(rule)}.`,
  );
}

/** @returns the ARN of the rule, which need not be there. @throws AwsError AccessDeniedException */
export function permitOnRule(
  request: AwsRequest,
  { authorize }: Pick<RulesDeps, "authorize">,
  { operation, rule, context }: Question,
): string {
  const { account, region } = request;
  const resource = ruleArn({ account, region, bus: busName(rule), name: rule.Name });
  permit(request, { authorize }, { action: `events:${operation}`, resource, context });
  return resource;
}

export function permit(
  { account, caller }: AwsRequest,
  { authorize }: Pick<RulesDeps, "authorize">,
  question: {
    readonly action: string;
    readonly resource: string;
    readonly context?: AuthorizationRequest["context"] | undefined;
  },
): void {
  const { action, resource, context } = question;
  const decision = authorize({
    ...{ caller, action, resource, resourceAccount: account },
    ...(context && { context }),
  });
  if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message, 400);
}

/** By name or by ARN. */
export function busName({ EventBusName: bus }: { readonly EventBusName: string }): string {
  return bus.slice(bus.lastIndexOf("/") + 1);
}

export function parse<T>(schema: z.ZodType<T>, { body }: AwsRequest): T {
  const parsed = schema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  throw new AwsError("ValidationException", z.prettifyError(parsed.error));
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw new AwsError("SerializationException", "The request body is not JSON.");
  }
}

/** One page of a list, which stands under `listName`. */
export function page(
  listName: string,
  items: readonly unknown[],
  { Limit, NextToken }: { readonly Limit: number; readonly NextToken?: string | undefined },
): object {
  const from = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, "base64url").toString());
  if (!Number.isSafeInteger(from) || from < 0)
    throw new AwsError("ValidationException", "The provided next token is not valid.");
  const end = from + Limit;
  const rest = end < items.length && { NextToken: Buffer.from(String(end)).toString("base64url") };
  return { [listName]: items.slice(from, end), ...rest };
}

export const Paging = {
  Limit: z.number().int().min(1).max(100).default(100),
  NextToken: z.string().min(1).max(2048).optional(),
};
