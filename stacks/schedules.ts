import type { ConsumerQueues } from "./queues.ts";

export type Timer = {
  /** `ReconcileChanged`; the schedule, and what it sends, is called `reconcile-changed`. */
  readonly name: string;
  readonly rate: "rate(1 day)" | "rate(1 hour)" | "rate(1 minute)";
  readonly to: ConsumerQueues;
  /** Scheduler accepts standard queues only as dead-letter queue: it cannot be the consumer's FIFO one. */
  readonly undelivered: sst.aws.Queue;
  /** The FIFO group of its messages. */
  readonly messageGroupId?: string;
};

/**
 * A schedule that puts `{"schedule", "execution"}` into a queue. CronV2 takes any ARN as its function; its role would be
 * allowed to invoke a Lambda, so it is given what a queue needs instead.
 */
export function createSchedule(timer: Timer): sst.aws.CronV2 {
  const name = timer.name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
  const { queue } = timer.to;
  return new sst.aws.CronV2(`${timer.name}Schedule`, {
    schedule: timer.rate,
    function: queue.arn,
    event: { schedule: name, execution: "<aws.scheduler.execution-id>" },
    retries: 10,
    dlq: timer.undelivered.arn,
    transform: {
      role: (args) => {
        args.inlinePolicies = [{ name: "inline", policy: sendPolicy([queue.arn, timer.undelivered.arn]) }];
        return undefined;
      },
      schedule: (args) => {
        args.name = name;
        const { messageGroupId } = timer;
        if (messageGroupId !== undefined) {
          args.target = $util
            .output(args.target)
            .apply((target) => ({ ...target, sqsParameters: { messageGroupId } }));
        }
        return undefined;
      },
    },
  });
}

function sendPolicy(queueArns: readonly $util.Output<string>[]): $util.Output<string> {
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: [...queueArns] }],
  });
}
