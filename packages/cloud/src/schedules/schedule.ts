import type { RetryPolicy } from "../events/rule.ts";
import type { ScheduleExpression } from "./schedule-expression.ts";

/** One EventBridge Scheduler schedule that puts a message into a queue. */
export type Schedule = {
  readonly name: string;
  /** As the stack calls it. */
  readonly logicalName: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly enabled: boolean;
  readonly expression: ScheduleExpression;
  readonly queueArn: string;
  readonly roleArn: string;
  /** Text, with `<aws.scheduler.…>` keywords still in it. */
  readonly input: string;
  readonly messageGroupId: string | undefined;
  readonly deadLetter: string | undefined;
  readonly retry: RetryPolicy;
};
