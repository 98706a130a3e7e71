import * as z from "zod";
import { busArn, busName, makeRule, type RuleDefinition } from "../events/make-rule.ts";
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
    const { state, eventPattern: pattern } = inputs;
    const of = { name, account, region, bus, state, pattern };
    const ownTargets = own.map((target) => targetOf(target.logicalName, target.inputs));
    return compile({ ...of, targets: ownTargets }, `${rule.stack}: rule ${name}`);
  });
  const used = rules.flatMap((rule) => rule.targets).length;
  if (used !== targets.length)
    throw new TopologyError(["an event target names a rule that does not exist on its bus"]);
  return rules;
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

function compile(definition: RuleDefinition, where: string): Rule {
  try {
    return makeRule(definition);
  } catch (error) {
    if (error instanceof EventPatternError) throw new TopologyError([`${where}: ${error.message}`]);
    throw error;
  }
}
