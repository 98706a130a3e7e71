import { AwsError } from "../../http/aws-service.ts";
import type { SqsContext } from "./context.ts";
import type { Input } from "./input.ts";

/** The caller also needs to receive and delete at the source and to send to wherever messages may go. */
export function startMessageMoveTask(context: SqsContext, input: Input<"StartMessageMoveTask">): object {
  const source = context.queueByArn(input.SourceArn, "StartMessageMoveTask");
  for (const action of ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"])
    context.queueByArn(input.SourceArn, action);
  const origins = context.queues.sourcesOf(input.SourceArn);
  if (origins.length === 0)
    throw new AwsError("UnsupportedOperation", "Source queue must be configured as a Dead Letter Queue.");
  const destination = input.DestinationArn
    ? context.queueByArn(input.DestinationArn, "SendMessage")
    : undefined;
  if (destination && destination.settings.fifo !== source.settings.fifo)
    throw new AwsError("InvalidParameterValue", "Source and destination must be of the same type.");
  if (!destination) for (const { settings } of origins) context.queueByArn(settings.arn, "SendMessage");
  return { TaskHandle: context.moveTasks.start(source, destination).handle };
}

export function listMessageMoveTasks(context: SqsContext, input: Input<"ListMessageMoveTasks">): object {
  context.queueByArn(input.SourceArn, "ListMessageMoveTasks");
  const tasks = context.moveTasks.list(input.SourceArn).slice(0, input.MaxResults ?? 1);
  return {
    Results: tasks.map((task) => ({
      Status: task.status,
      SourceArn: task.source,
      DestinationArn: task.destination,
      ApproximateNumberOfMessagesMoved: task.moved,
      ApproximateNumberOfMessagesToMove: task.toMove,
      FailureReason: task.failure,
      StartedTimestamp: task.startedAt,
    })),
  };
}
