import type { Authorize, Caller } from "@tallyman/domain/iam-policy/authorize";
import type { Faults } from "../faults/faults.ts";
import { AwsError } from "../http/aws-service.ts";
import type { MessageAttributes } from "./message.ts";
import type { QueueSet } from "./queue-set.ts";
import { messageDraft } from "./sqs-api/draft.ts";

/** One message that a service (EventBridge, Scheduler) puts into a queue. */
export type ServiceMessage = {
  /** The service principal, or the session of a role that it assumed. */
  readonly caller: Caller;
  readonly queueArn: string;
  readonly body: string;
  readonly group?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly attributes?: MessageAttributes | undefined;
  /** Condition keys, lower case: `aws:sourcearn`. */
  readonly context: Readonly<Record<string, string>>;
};

/** Sends as SendMessage would; throws the AwsError that the service would get. */
export type SendToQueue = (message: ServiceMessage) => void;

export function createSendToQueue(deps: {
  readonly queues: QueueSet;
  readonly authorize: Authorize;
  readonly queuePolicies: (arn: string) => readonly unknown[];
  readonly faults: Faults;
}): SendToQueue {
  return ({ caller, queueArn, body, group, deduplicationId, attributes, context }) => {
    const [, , , , account = ""] = queueArn.split(":");
    const decision = deps.authorize({
      caller,
      action: "sqs:SendMessage",
      resource: queueArn,
      resourceAccount: account,
      resourcePolicies: deps.queuePolicies(queueArn),
      context,
    });
    if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message, 403);
    const queue = deps.queues.find(queueArn);
    if (!queue) throw new AwsError("QueueDoesNotExist", `The queue ${queueArn} does not exist.`);
    const fault = deps.faults.failure("sqs:SendMessage");
    if (fault) throw new AwsError(fault.code, "Switched on by /_embedded/faults.", fault.status);
    const input = {
      MessageBody: body,
      MessageAttributes: attributes && { ...attributes },
      MessageGroupId: group,
      MessageDeduplicationId: deduplicationId,
    };
    queue.send(messageDraft(queue.settings, input, caller.service ?? caller.arn));
  };
}
