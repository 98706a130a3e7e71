import * as z from "zod";
import { AwsError, type AwsRequest } from "../http/aws-service.ts";
import { busArn } from "./make-rule.ts";
import { putRuleOperations } from "./put-rules-api.ts";
import type { Rule, Target } from "./rule.ts";
import {
  busName,
  EventBusName,
  name,
  type Operation,
  Paging,
  page,
  parse,
  permit,
  permitOnRule,
  ruleOf,
} from "./rule-call.ts";

const OfRule = z.object({ Name: name, EventBusName });
const ListTargets = z.object({ Rule: name, EventBusName, ...Paging });
const ListRules = z.object({ EventBusName, NamePrefix: z.string().max(64).default(""), ...Paging });
const ListBuses = z.object({ NamePrefix: z.string().max(256).default(""), ...Paging });
const RemoveTargets = z.object({
  Rule: name,
  EventBusName,
  Ids: z.array(z.string().min(1).max(64)).min(1).max(100),
});

/**
 * EventBridge's calls about rules. Rules of the stacks can be changed like others, until the next start makes them as the
 * stacks say; those that calls make are kept.
 */
export const ruleOperations: Readonly<Record<string, Operation>> = {
  ...putRuleOperations,
  DescribeRule(request, deps) {
    const rule = ruleOf(request, deps, { operation: "DescribeRule", rule: parse(OfRule, request) });
    return { ...ruleView(rule), CreatedBy: request.account };
  },
  ListRules(request, deps) {
    const input = parse(ListRules, request);
    permit(request, deps, { action: "events:ListRules", resource: "*" });
    const bus = busArn(request, busName(input));
    const shown = deps.rules
      .all()
      .filter((rule) => rule.busArn === bus && rule.name.startsWith(input.NamePrefix))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1));
    return page("Rules", shown.map(ruleView), input);
  },
  ListEventBuses(request, deps) {
    const input = parse(ListBuses, request);
    permit(request, deps, { action: "events:ListEventBuses", resource: "*" });
    const buses = deps.busesOf(request.account, request.region);
    const shown = buses.filter((bus) => bus.name.startsWith(input.NamePrefix));
    return page(
      "EventBuses",
      shown.map((bus) => ({ Name: bus.name, Arn: bus.arn })),
      input,
    );
  },
  ListTargetsByRule(request, deps) {
    const input = parse(ListTargets, request);
    const { targets } = ruleOf(request, deps, { operation: "ListTargetsByRule", rule: asked(input) });
    return page("Targets", targets.map(targetView), input);
  },
  EnableRule: (request, deps) => setState(request, deps, "EnableRule"),
  DisableRule: (request, deps) => setState(request, deps, "DisableRule"),
  RemoveTargets(request, deps) {
    const { Ids, ...input } = parse(RemoveTargets, request);
    const { arn, targets } = ruleOf(request, deps, { operation: "RemoveTargets", rule: asked(input) });
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
    const rule = parse(OfRule, request);
    const found = deps.rules.find(permitOnRule(request, deps, { operation: "DeleteRule", rule }));
    // Deleting what is not there is no error (API Reference, DeleteRule).
    if (found && found.targets.length > 0)
      throw new AwsError("ValidationException", "Rule can't be deleted since it has targets.");
    if (found) deps.rules.delete(found.arn);
    return {};
  },
};

function setState(
  request: AwsRequest,
  deps: Parameters<Operation>[1],
  operation: "EnableRule" | "DisableRule",
): object {
  const rule = ruleOf(request, deps, { operation, rule: parse(OfRule, request) });
  deps.rules.setState(rule.arn, operation === "EnableRule" ? "ENABLED" : "DISABLED");
  return {};
}

function asked({ Rule: Name, EventBusName: bus }: { readonly Rule: string; readonly EventBusName: string }) {
  return { Name, EventBusName: bus };
}

function ruleView({ arn, name: Name, busArn: bus, pattern, schedule, description, state }: Rule): object {
  return {
    Arn: arn,
    EventBusName: bus.slice(bus.lastIndexOf("/") + 1),
    ...(pattern !== undefined && { EventPattern: pattern }),
    ...(schedule && { ScheduleExpression: schedule.text }),
    ...(description !== undefined && { Description: description }),
    Name,
    State: state,
  };
}

function targetView({ id, arn, roleArn, deadLetter, retry, messageGroupId, ecs, input }: Target): object {
  return {
    Id: id,
    Arn: arn,
    ...(roleArn !== undefined && { RoleArn: roleArn }),
    ...(deadLetter !== undefined && { DeadLetterConfig: { Arn: deadLetter } }),
    ...(messageGroupId !== undefined && { SqsParameters: { MessageGroupId: messageGroupId } }),
    ...(ecs && { EcsParameters: ecs }),
    ...(input !== undefined && { Input: input }),
    RetryPolicy: {
      MaximumRetryAttempts: retry.maximumAttempts,
      MaximumEventAgeInSeconds: retry.maximumAge,
    },
  };
}
