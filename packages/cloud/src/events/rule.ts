import type { ScheduleExpression } from "../schedules/schedule-expression.ts";
import type { EcsParameters } from "./ecs-target.ts";
import type { EventMatcher } from "./pattern.ts";

/** How often and how long a failed delivery is tried again. Age in seconds. */
export type RetryPolicy = { readonly maximumAttempts: number; readonly maximumAge: number };

/** EventBridge's and Scheduler's own default: a day, 185 times. */
export const defaultRetry: RetryPolicy = { maximumAttempts: 185, maximumAge: 86_400 };

/** Where matching events go: a queue, another bus, or a cluster in which they start tasks. */
export type Target = {
  readonly id: string;
  readonly arn: string;
  readonly roleArn?: string | undefined;
  /** ARN of the queue for what cannot be delivered. */
  readonly deadLetter?: string | undefined;
  readonly retry: RetryPolicy;
  /** Of a FIFO queue. */
  readonly messageGroupId?: string | undefined;
  /** Of a cluster. */
  readonly ecs?: EcsParameters | undefined;
  /** JSON text that the target gets in the place of the event. */
  readonly input?: string | undefined;
};

/** EventBridge's state of a rule that hears of calls that only read, too. */
export const allManagementEvents = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

export type RuleState = "ENABLED" | "DISABLED" | typeof allManagementEvents;

export type Rule = {
  readonly name: string;
  readonly arn: string;
  readonly busArn: string;
  readonly account: string;
  readonly region: string;
  readonly state: RuleState;
  /** The pattern, as JSON text; undefined of one that only has a schedule. */
  readonly pattern: string | undefined;
  readonly matches: EventMatcher;
  /** Whether it could match any API call that CloudTrail tells of, as far as its source and detail type say. */
  readonly hearsCalls: boolean;
  /** When it sends an event of its own to its targets. */
  readonly schedule: { readonly text: string; readonly expression: ScheduleExpression } | undefined;
  readonly description: string | undefined;
  readonly targets: readonly Target[];
};

export type Bus = {
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
};
