import type { Faults } from "../../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../../http/aws-service.ts";
import { type SqsContext, type SqsDependencies, sqsContext } from "./context.ts";
import { getQueueAttributes, getQueueUrl, listQueues, purgeQueue } from "./describe.ts";
import { renderError } from "./errors.ts";
import { type Input, inputs, type Operation, parseInput } from "./input.ts";
import { listMessageMoveTasks, startMessageMoveTask } from "./move.ts";
import { receiveMessage } from "./receive.ts";
import { sendMessage, sendMessageBatch } from "./send.ts";
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  deleteMessage,
  deleteMessageBatch,
} from "./settle.ts";

const operations: {
  [Name in Operation]: (context: SqsContext, input: Input<Name>) => object | Promise<object>;
} = {
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
  ReceiveMessage: receiveMessage,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  GetQueueAttributes: getQueueAttributes,
  GetQueueUrl: getQueueUrl,
  ListQueues: listQueues,
  PurgeQueue: purgeQueue,
  StartMessageMoveTask: startMessageMoveTask,
  ListMessageMoveTasks: listMessageMoveTasks,
};

/** Amazon SQS over AWS JSON 1.0, every call authorised against identity and queue policies. */
export function sqsService(dependencies: SqsDependencies & { readonly faults: Faults }): AwsService {
  return {
    signingName: "sqs",
    async handle(request) {
      try {
        return await answer(dependencies, request);
      } catch (error) {
        if (error instanceof AwsError) return renderError(error);
        throw error;
      }
    },
  };
}

async function answer(
  dependencies: SqsDependencies & { readonly faults: Faults },
  request: AwsRequest,
): Promise<AwsResponse> {
  const operation = request.headers["x-amz-target"]?.replace(/^AmazonSQS\./, "") ?? "";
  if (!isOperation(operation))
    throw new AwsError(
      "InvalidAction",
      `The action ${operation || "(none)"} is not valid for this endpoint.`,
    );
  const fault = dependencies.faults.failure(`sqs:${operation}`);
  if (fault) throw new AwsError(fault.code, "Switched on by /_embedded/faults.", fault.status);
  const result = await call(operation, sqsContext(dependencies, request), request.body);
  return {
    status: 200,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify(result),
  };
}

function call<Name extends Operation>(
  name: Name,
  context: SqsContext,
  body: Uint8Array,
): object | Promise<object> {
  return operations[name](context, parseInput(name, body));
}

function isOperation(name: string): name is Operation {
  return Object.hasOwn(inputs, name);
}
