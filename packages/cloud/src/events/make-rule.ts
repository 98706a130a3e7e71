import { parseScheduleExpression } from "../schedules/schedule-expression.ts";
import { compilePattern } from "./pattern.ts";
import type { Rule, RuleState, Target } from "./rule.ts";

export type RuleDefinition = {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Name of its bus. */
  readonly bus: string;
  readonly state: RuleState;
  /** Parsed JSON; a rule has a pattern, a schedule, or both. */
  readonly pattern?: unknown;
  readonly schedule?: string | undefined;
  readonly description?: string | undefined;
  readonly targets: readonly Target[];
};

/** @throws EventPatternError, ScheduleExpressionError */
export function makeRule(definition: RuleDefinition): Rule {
  const { name, account, region, bus, state, pattern, schedule, description, targets } = definition;
  return {
    name,
    account,
    region,
    state,
    targets,
    description,
    arn: ruleArn(definition),
    busArn: busArn(definition, bus),
    pattern: pattern === undefined ? undefined : JSON.stringify(pattern),
    matches: pattern === undefined ? () => false : compilePattern(pattern),
    hearsCalls: pattern !== undefined && couldHearCalls(Object(pattern)),
    schedule:
      schedule === undefined
        ? undefined
        : { text: schedule, expression: parseScheduleExpression(schedule, "UTC") },
  };
}

type Named = Pick<RuleDefinition, "account" | "region" | "bus" | "name">;

export function ruleArn({ account, region, bus, name }: Named): string {
  return `arn:aws:events:${region}:${account}:rule/${bus === "default" ? "" : `${bus}/`}${name}`;
}

export function busArn(
  { account, region }: Pick<RuleDefinition, "account" | "region">,
  name: string,
): string {
  return `arn:aws:events:${region}:${account}:event-bus/${name}`;
}

/** Of a name or an ARN. */
export function busName(bus: string): string {
  return bus.slice(bus.lastIndexOf("/") + 1);
}

/** A pattern that says nothing of source and detail type could match anything. */
function couldHearCalls(pattern: object): boolean {
  const fields = Object.entries(pattern).filter(([field]) => ["source", "detail-type"].includes(field));
  if (fields.length === 0) return true;
  const matches = compilePattern(Object.fromEntries(fields));
  return matches({ source: "aws.ecr", "detail-type": "AWS API Call via CloudTrail" });
}
