import * as z from "zod";
import { compilePattern } from "../events/pattern.ts";
import { EventPatternError } from "../events/pattern-error.ts";
import { allManagementEvents, type Bus, defaultRetry, type Rule, type Target } from "../events/rule.ts";
import { readInputs } from "./read-inputs.ts";
import type { Topology } from "./topology.ts";
import { TopologyError } from "./topology-error.ts";

const BusInputs = z.object({ name: z.string() });
const RuleInputs = z.object({
  name: z.string().optional(),
  eventBusName: z.string().default("default"),
  eventPattern: z.json(),
  state: z.enum(["ENABLED", "DISABLED", allManagementEvents]).default("ENABLED"),
});
const TargetInputs = z.object({
  rule: z.string(),
  arn: z.string().regex(/^arn:aws:(sqs|events):/, "a target is a queue or an event bus"),
  targetId: z.string().optional(),
  eventBusName: z.string().default("default"),
  roleArn: z.string().optional(),
  deadLetterConfig: z.object({ arn: z.string() }).optional(),
  retryPolicy: z
    .object({
      maximumRetryAttempts: z.number().int().min(0).max(185).default(defaultRetry.maximumAttempts),
      maximumEventAgeInSeconds: z.number().int().min(60).max(86_400).default(defaultRetry.maximumAge),
    })
    .optional(),
  sqsTarget: z.object({ messageGroupId: z.string() }).optional(),
});
type TargetInputs = z.infer<typeof TargetInputs>;

/** A bus called `default` in every account and Region, and the stacks' own. */
export function busesOf(topology: Topology): readonly Bus[] {
  const places = new Map(
    [topology.hub, ...topology.registries].map((at) => [`${at.account}/${at.region}`, at]),
  );
  const defaults = [...places.values()].map((at) => ({ name: "default", ...at }));
  const own = readInputs(topology, "aws:cloudwatch/eventBus:EventBus", BusInputs).map((bus) => ({
    name: bus.inputs.name,
    account: bus.account,
    region: bus.region,
  }));
  return [...defaults, ...own].map((bus) => ({ ...bus, arn: busArn(bus, bus.name) }));
}

/** Every rule with its targets, disabled ones too; a pattern that EventBridge refuses stops the start. */
export function rulesOf(topology: Topology): readonly Rule[] {
  const targets = readInputs(topology, "aws:cloudwatch/eventTarget:EventTarget", TargetInputs);
  const rules = readInputs(topology, "aws:cloudwatch/eventRule:EventRule", RuleInputs).map((rule) => {
    const { inputs, logicalName, account, region } = rule;
    const name = inputs.name ?? logicalName;
    const bus = busName(inputs.eventBusName);
    const own = targets.filter(
      (target) =>
        target.account === account &&
        target.region === region &&
        busName(target.inputs.eventBusName) === bus &&
        target.inputs.rule === name,
    );
    return {
      state: inputs.state,
      pattern: JSON.stringify(inputs.eventPattern),
      matches: compile(inputs.eventPattern, `${rule.stack}: rule ${name}`),
      hearsCalls: couldHearCalls(inputs.eventPattern),
      name,
      arn: `arn:aws:events:${region}:${account}:rule/${bus === "default" ? "" : `${bus}/`}${name}`,
      busArn: busArn(rule, bus),
      account,
      region,
      targets: own.map((target) => targetOf(target.logicalName, target.inputs)),
    };
  });
  const used = rules.flatMap((rule) => rule.targets).length;
  if (used !== targets.length)
    throw new TopologyError(["an event target names a rule that does not exist on its bus"]);
  return rules;
}

/** A pattern that says nothing of source and detail type could match anything. */
function couldHearCalls(pattern: z.infer<typeof RuleInputs>["eventPattern"]): boolean {
  const fields = Object.entries(pattern ?? {}).filter(([field]) => ["source", "detail-type"].includes(field));
  if (fields.length === 0) return true;
  const matches = compilePattern(Object.fromEntries(fields));
  return matches({ source: "aws.ecr", "detail-type": "AWS API Call via CloudTrail" });
}

function targetOf(id: string, inputs: TargetInputs): Target {
  const retry = inputs.retryPolicy;
  return {
    id: inputs.targetId ?? id,
    arn: inputs.arn,
    roleArn: inputs.roleArn,
    deadLetter: inputs.deadLetterConfig?.arn,
    retry: retry
      ? { maximumAttempts: retry.maximumRetryAttempts, maximumAge: retry.maximumEventAgeInSeconds }
      : defaultRetry,
    messageGroupId: inputs.sqsTarget?.messageGroupId,
  };
}

const BusPolicyInputs = z.object({
  eventBusName: z.string().default("default"),
  policy: z.record(z.string(), z.json()),
});

/** The policy of each bus, by its ARN. */
export function busPoliciesOf(topology: Topology): ReadonlyMap<string, unknown> {
  const read = readInputs(topology, "aws:cloudwatch/eventBusPolicy:EventBusPolicy", BusPolicyInputs);
  return new Map(read.map((one) => [busArn(one, busName(one.inputs.eventBusName)), one.inputs.policy]));
}

function compile(pattern: unknown, where: string): Rule["matches"] {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (error instanceof EventPatternError) throw new TopologyError([`${where}: ${error.message}`]);
    throw error;
  }
}

function busArn(
  { account, region }: { readonly account: string; readonly region: string },
  name: string,
): string {
  return `arn:aws:events:${region}:${account}:event-bus/${name}`;
}

/** Stacks name a bus by its name or by its ARN. */
function busName(bus: string): string {
  return bus.slice(bus.lastIndexOf("/") + 1);
}
