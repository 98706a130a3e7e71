import type { EcsParameters } from "../events/ecs-target.ts";
import type { RetryPolicy } from "../events/rule.ts";
import type { ScheduleExpression } from "./schedule-expression.ts";

/** One EventBridge Scheduler schedule: it puts a message into a queue, or starts tasks of ECS. */
export type Schedule = {
  readonly name: string;
  /** As the stack calls it; of one that a call made, its name. */
  readonly logicalName: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly enabled: boolean;
  readonly expression: ScheduleExpression;
  /** The expression as it was given, and whose time it means. */
  readonly written: { readonly expression: string; readonly timezone: string };
  /** Before and after these it does not run. */
  readonly window?: { readonly start?: Date | undefined; readonly end?: Date | undefined } | undefined;
  /** Whether it goes when it will not run again. */
  readonly deletedAfter?: boolean;
  readonly description?: string | undefined;
  /** Of one that a call made: ISO 8601. */
  readonly made?: { readonly created: string; readonly modified: string } | undefined;
  readonly target: ScheduleTarget;
  readonly roleArn: string;
  /** Text, with `<aws.scheduler.…>` keywords still in it. */
  readonly input: string;
  readonly deadLetter: string | undefined;
  readonly retry: RetryPolicy;
};

export type ScheduleTarget = {
  /** Of a queue, of a cluster, or of the call `aws-sdk:ecs:runTask`, whose input is the schedule's. */
  readonly arn: string;
  /** Of a FIFO queue. */
  readonly messageGroupId?: string | undefined;
  /** Of a cluster. */
  readonly ecs?: EcsParameters | undefined;
};
