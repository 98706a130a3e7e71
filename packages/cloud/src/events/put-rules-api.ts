import * as z from "zod";
import { AwsError, type AwsRequest } from "../http/aws-service.ts";
import { ScheduleExpressionError } from "../schedules/schedule-expression.ts";
import { clusterArn, EcsParameters } from "./ecs-target.ts";
import { busArn, makeRule, type RuleDefinition } from "./make-rule.ts";
import { EventPatternError } from "./pattern-error.ts";
import { allManagementEvents, defaultRetry, type Rule, type Target } from "./rule.ts";
import {
  busName,
  EventBusName,
  name,
  type Operation,
  parse,
  permitOnRule,
  type RulesDeps,
  ruleOf,
} from "./rule-call.ts";

const PutRule = z.object({
  Name: name,
  EventBusName,
  EventPattern: z.string().max(4096).optional(),
  ScheduleExpression: z.string().max(256).optional(),
  State: z.enum(["ENABLED", "DISABLED", allManagementEvents]).default("ENABLED"),
  Description: z.string().max(512).optional(),
  RoleArn: z.string().optional(),
});

const PutTarget = z.object({
  Id: z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/),
  Arn: z.string().min(1).max(1600),
  RoleArn: z.string().min(1).max(1600).optional(),
  Input: z.string().max(8192).optional(),
  InputPath: z.undefined({ error: "InputPath is not offered by this cloud" }).optional(),
  InputTransformer: z.undefined({ error: "InputTransformer is not offered by this cloud" }).optional(),
  EcsParameters: EcsParameters.optional(),
  SqsParameters: z.object({ MessageGroupId: z.string().optional() }).optional(),
  DeadLetterConfig: z.object({ Arn: z.string().optional() }).optional(),
  RetryPolicy: z
    .object({
      MaximumRetryAttempts: z.number().int().min(0).max(185).optional(),
      MaximumEventAgeInSeconds: z.number().int().min(60).max(86_400).optional(),
    })
    .optional(),
});
type PutTarget = z.infer<typeof PutTarget>;
const PutTargets = z.object({ Rule: name, EventBusName, Targets: z.array(PutTarget).min(1).max(100) });

/** Targets of one rule (EventBridge quotas). */
const MOST_TARGETS = 5;

/** EventBridge's calls that make rules, and say where they send what matches. */
export const putRuleOperations: Readonly<Record<string, Operation>> = {
  PutRule(request, deps) {
    const input = parse(PutRule, request);
    const arn = permitOnRule(request, deps, { operation: "PutRule", rule: input });
    const bus = busName(input);
    if (!deps.hasBus(busArn(request, bus)))
      throw new AwsError("ResourceNotFoundException", `Event bus ${bus} does not exist.`);
    const { EventPattern, ScheduleExpression } = input;
    if (EventPattern === undefined && ScheduleExpression === undefined)
      throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
    if (ScheduleExpression !== undefined && bus !== "default")
      throw invalid("ScheduleExpression is supported only on the default event bus.");
    const { account, region } = request;
    const rule = made({
      ...{ account, region, bus, name: input.Name, state: input.State },
      targets: deps.rules.find(arn)?.targets ?? [],
      ...(EventPattern !== undefined && { pattern: patternOf(EventPattern) }),
      schedule: ScheduleExpression,
      description: input.Description,
    });
    deps.rules.put(rule);
    return { RuleArn: arn };
  },
  PutTargets(request, deps) {
    const input = parse(PutTargets, request);
    const arns = input.Targets.map(({ Arn }) => Arn);
    const rule = ruleOf(request, deps, {
      ...{ operation: "PutTargets", rule: { Name: input.Rule, EventBusName: input.EventBusName } },
      context: { "events:targetarn": arns },
    });
    const targets = input.Targets.map((target) => targetOf(request, deps, target));
    const ids = new Set([...rule.targets, ...targets].map(({ id }) => id));
    if (ids.size > MOST_TARGETS)
      throw new AwsError(
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
      );
    deps.rules.putTargets(rule.arn, targets);
    return { FailedEntryCount: 0, FailedEntries: [] };
  },
};

function patternOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError("InvalidEventPatternException", "Event pattern is not valid. Reason: it is no JSON");
  }
}

function made(definition: RuleDefinition): Rule {
  try {
    return makeRule(definition);
  } catch (error) {
    if (error instanceof EventPatternError)
      throw new AwsError(
        "InvalidEventPatternException",
        `Event pattern is not valid. Reason: ${error.message}`,
      );
    if (error instanceof ScheduleExpressionError) throw invalid("Parameter ScheduleExpression is not valid.");
    throw error;
  }
}

function targetOf(request: AwsRequest, deps: RulesDeps, target: PutTarget): Target {
  checkKind(request, target);
  if (target.Input !== undefined) checkInput(target.Input);
  if (target.RoleArn !== undefined) permitToPass(request, deps, target.RoleArn);
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = target.RetryPolicy ?? {};
  return {
    id: target.Id,
    arn: target.Arn,
    roleArn: target.RoleArn,
    deadLetter: target.DeadLetterConfig?.Arn,
    messageGroupId: target.SqsParameters?.MessageGroupId,
    ecs: target.EcsParameters,
    input: target.Input,
    retry: {
      maximumAttempts: MaximumRetryAttempts ?? defaultRetry.maximumAttempts,
      maximumAge: MaximumEventAgeInSeconds ?? defaultRetry.maximumAge,
    },
  };
}

/** A queue, a bus, or a cluster of the rule's own account and Region. */
function checkKind({ account, region }: AwsRequest, { Arn, RoleArn, EcsParameters: ecs }: PutTarget): void {
  const [, clusterRegion, clusterAccount] = clusterArn.exec(Arn) ?? [];
  if (clusterRegion === undefined) {
    if (!/^arn:aws:(sqs:[a-z0-9-]+:\d{12}:.+|events:[a-z0-9-]+:\d{12}:event-bus\/.+)$/.test(Arn))
      throw invalid(`Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`);
    if (ecs) throw invalid(`Parameter(s) EcsParameters not valid for target ${Arn}.`);
    return;
  }
  if (clusterRegion !== region || clusterAccount !== account)
    throw invalid(
      `Parameter ${Arn} is not valid. Reason: Cross-account and cross-Region targets are not allowed.`,
    );
  if (!ecs) throw invalid(`Parameter(s) EcsParameters must be specified for target: ${Arn}.`);
  if (RoleArn === undefined) throw invalid(`RoleArn is required for target ${Arn}.`);
}

function checkInput(input: string): void {
  try {
    JSON.parse(input);
  } catch {
    throw invalid("JSON syntax error in input for target.");
  }
}

function permitToPass({ caller, account }: AwsRequest, { authorize }: RulesDeps, resource: string): void {
  const context = { "iam:passedtoservice": "events.amazonaws.com" };
  const decision = authorize({ caller, action: "iam:PassRole", resource, resourceAccount: account, context });
  if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message, 400);
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}
