import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import { AwsError, type AwsRequest } from "../../http/aws-service.ts";
import type { MoveTasks } from "../move-tasks.ts";
import type { Queue } from "../queue.ts";
import type { QueueSet } from "../queue-set.ts";

export type SqsDependencies = {
  readonly queues: QueueSet;
  readonly authorize: Authorize;
  /** Policies attached to a queue now, by its ARN. */
  readonly queuePolicies: (arn: string) => readonly unknown[];
  readonly moveTasks: MoveTasks;
  /** `http://127.0.0.1:4510`: where queue URLs point to. */
  readonly baseUrl: () => string;
};

/** One request in front of the queues: finds a queue, and asks whether the caller may. */
export type SqsContext = SqsDependencies & {
  readonly request: AwsRequest;
  /** The queue of a `QueueUrl`, after checking `action` on it. */
  queue(url: string, action: string): Queue;
  queueByArn(arn: string, action: string): Queue;
};

export function sqsContext(dependencies: SqsDependencies, request: AwsRequest): SqsContext {
  function queueByArn(arn: string, action: string): Queue {
    const [, , , , account = ""] = arn.split(":");
    const decision = dependencies.authorize({
      caller: request.caller,
      action: `sqs:${action}`,
      resource: arn,
      resourceAccount: account,
      resourcePolicies: dependencies.queuePolicies(arn),
    });
    if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message, 403);
    const queue = dependencies.queues.find(arn);
    if (!queue) throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
    return queue;
  }

  return {
    ...dependencies,
    request,
    queueByArn,
    queue: (url, action) => queueByArn(arnOfUrl(url, request.region), action),
  };
}

/** The host of a queue URL says nothing here: the path names the queue, the signature the Region. */
function arnOfUrl(url: string, region: string): string {
  const [, account, name] = /^(?:https?:\/\/[^/]+)?\/(\d{12})\/([\w.-]+)$/.exec(url) ?? [];
  if (!account || !name)
    throw new AwsError("InvalidAddress", `The address ${url} is not valid for this endpoint.`, 404);
  return `arn:aws:sqs:${region}:${account}:${name}`;
}
