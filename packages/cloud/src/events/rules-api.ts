import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import { AwsError, type AwsRequest } from "../http/aws-service.ts";
import type { Rule, Target } from "./rule.ts";
import type { RuleBook } from "./rule-book.ts";

export type RulesDeps = { readonly rules: RuleBook; readonly authorize: Authorize };

const name = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);
const EventBusName = z.string().min(1).max(1600).default("default");
const OfRule = z.object({ Name: name, EventBusName });
const ListTargets = z.object({ Rule: name, EventBusName });
const RemoveTargets = z.object({
  Rule: name,
  EventBusName,
  Ids: z.array(z.string().min(1).max(64)).min(1).max(100),
});

type Operation = (request: AwsRequest, deps: RulesDeps) => object;

/**
 * EventBridge's calls that look at rules and switch them off and on. What a rule is comes from the stacks alone; the next
 * start brings back what was switched off, removed or deleted here.
 */
export const ruleOperations: Readonly<Record<string, Operation>> = {
  DescribeRule: (request, deps) => describe(request, ruleOf(request, deps, "DescribeRule", OfRule)),
  ListTargetsByRule(request, deps) {
    const { targets } = ruleOf(request, deps, "ListTargetsByRule", ListTargets);
    return { Targets: targets.map(targetView) };
  },
  EnableRule(request, deps) {
    deps.rules.setState(ruleOf(request, deps, "EnableRule", OfRule).arn, "ENABLED");
    return {};
  },
  DisableRule(request, deps) {
    deps.rules.setState(ruleOf(request, deps, "DisableRule", OfRule).arn, "DISABLED");
    return {};
  },
  RemoveTargets(request, deps) {
    const { Ids } = parse(RemoveTargets, request);
    const { arn, targets } = ruleOf(request, deps, "RemoveTargets", RemoveTargets);
    deps.rules.removeTargets(arn, Ids);
    const unknown = Ids.filter((id) => !targets.some((target) => target.id === id));
    const FailedEntries = unknown.map((TargetId) => ({
      TargetId,
      ErrorCode: "ResourceNotFoundException",
      ErrorMessage: `Rule does not have target ${TargetId}.`,
    }));
    return { FailedEntryCount: FailedEntries.length, FailedEntries };
  },
  DeleteRule(request, deps) {
    const rule = findRule(request, deps, "DeleteRule", OfRule);
    // Deleting what is not there is no error (API Reference, DeleteRule).
    if (rule && rule.targets.length > 0)
      throw new AwsError("ValidationException", "Rule can't be deleted since it has targets.");
    if (rule) deps.rules.delete(rule.arn);
    return {};
  },
};

type Named = { readonly Name: string } | { readonly Rule: string };
type Asked = Named & { readonly EventBusName: string };

/** The rule that is asked for; throws when the caller may not ask, then when it is not there. */
function ruleOf(request: AwsRequest, deps: RulesDeps, operation: string, schema: z.ZodType<Asked>): Rule {
  const rule = findRule(request, deps, operation, schema);
  if (rule) return rule;
  const asked = parse(schema, request);
  throw new AwsError(
    "ResourceNotFoundException",
    `Rule ${ruleName(asked)} does not exist on EventBus ${busName(asked)}.`,
  );
}

function findRule(
  request: AwsRequest,
  { rules, authorize }: RulesDeps,
  operation: string,
  schema: z.ZodType<Asked>,
): Rule | undefined {
  const { account, region, caller } = request;
  const asked = parse(schema, request);
  const bus = busName(asked);
  const path = `${bus === "default" ? "" : `${bus}/`}${ruleName(asked)}`;
  const resource = `arn:aws:events:${region}:${account}:rule/${path}`;
  const decision = authorize({ caller, action: `events:${operation}`, resource, resourceAccount: account });
  if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message, 400);
  return rules.find(resource);
}

function ruleName(asked: Named): string {
  return "Name" in asked ? asked.Name : asked.Rule;
}

/** By name or by ARN. */
function busName({ EventBusName }: Asked): string {
  return EventBusName.slice(EventBusName.lastIndexOf("/") + 1);
}

function describe({ account }: AwsRequest, rule: Rule): object {
  return {
    Arn: rule.arn,
    CreatedBy: account,
    EventBusName: rule.busArn.slice(rule.busArn.lastIndexOf("/") + 1),
    EventPattern: rule.pattern,
    Name: rule.name,
    State: rule.state,
  };
}

function targetView({ id, arn, roleArn, deadLetter, retry, messageGroupId }: Target): object {
  return {
    Id: id,
    Arn: arn,
    ...(roleArn !== undefined && { RoleArn: roleArn }),
    ...(deadLetter !== undefined && { DeadLetterConfig: { Arn: deadLetter } }),
    ...(messageGroupId !== undefined && { SqsParameters: { MessageGroupId: messageGroupId } }),
    RetryPolicy: {
      MaximumRetryAttempts: retry.maximumAttempts,
      MaximumEventAgeInSeconds: retry.maximumAge,
    },
  };
}

function parse<T>(schema: z.ZodType<T>, { body }: AwsRequest): T {
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
