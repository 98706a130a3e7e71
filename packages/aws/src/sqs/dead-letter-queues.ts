import {
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { DeadLetterQueueNotFoundError, RedriveRunningError } from "@tallyman/domain/dead-letter/errors";
import type { DeadLetterQueues, Redrive } from "@tallyman/domain/dead-letter/ports";
import * as z from "@tallyman/domain/zod";

export type DeclaredQueue = { readonly name: string; readonly url: string; readonly arn: string };

const Attributes = z.object({
  Attributes: z.object({ ApproximateNumberOfMessages: z.pipe(z.coerce.number(), z.int()) }),
});

const STATES = {
  RUNNING: "running",
  COMPLETED: "completed",
  CANCELLING: "cancelling",
  CANCELLED: "cancelled",
  FAILED: "failed",
} as const satisfies Readonly<Record<string, Redrive["state"]>>;

const MoveTask = z.object({
  Status: z.enum(["RUNNING", "COMPLETED", "CANCELLING", "CANCELLED", "FAILED"]),
  StartedTimestamp: z.number(),
  ApproximateNumberOfMessagesMoved: z._default(z.number(), 0),
  ApproximateNumberOfMessagesToMove: z.optional(z.number()),
  FailureReason: z.optional(z.string()),
});
const MoveTasks = z.object({ Results: z._default(z.array(z.pipe(MoveTask, z.transform(asRedrive))), []) });

/** The declared dead-letter queues; moving back goes to each message's own source queue. */
export function sqsDeadLetterQueues(sqs: SQSClient, declared: readonly DeclaredQueue[]): DeadLetterQueues {
  const find = (name: string): DeclaredQueue => {
    const queue = declared.find((it) => it.name === name);
    if (queue) return queue;
    throw new DeadLetterQueueNotFoundError(
      name,
      declared.map((it) => it.name),
    );
  };
  // SQS shows the ten latest moves of a queue, the newest first.
  const moves = async ({ arn }: DeclaredQueue) =>
    MoveTasks.parse(await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn, MaxResults: 10 })))
      .Results;
  return {
    list: () => Promise.all(declared.map((queue) => count(sqs, queue))),
    listRedrives: async (name) => moves(find(name)),
    async redrive(name) {
      const queue = find(name);
      try {
        const answer = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: queue.arn }));
        return { task: z.string().parse(answer.TaskHandle) };
      } catch (error) {
        // SQS has no error of its own for this.
        if ((await moves(queue))[0]?.state === "running")
          throw new RedriveRunningError(name, { cause: error });
        throw error;
      }
    },
  };
}

async function count(sqs: SQSClient, { name, url }: DeclaredQueue) {
  const command = new GetQueueAttributesCommand({
    QueueUrl: url,
    AttributeNames: ["ApproximateNumberOfMessages"],
  });
  return { name, messages: Attributes.parse(await sqs.send(command)).Attributes.ApproximateNumberOfMessages };
}

function asRedrive(task: z.infer<typeof MoveTask>): Redrive {
  return {
    state: STATES[task.Status],
    startedAt: new Date(task.StartedTimestamp).toISOString(),
    moved: task.ApproximateNumberOfMessagesMoved,
    ...(task.ApproximateNumberOfMessagesToMove !== undefined && {
      toMove: task.ApproximateNumberOfMessagesToMove,
    }),
    ...(task.FailureReason !== undefined && { failureReason: task.FailureReason }),
  };
}
