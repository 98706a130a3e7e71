import * as z from "zod";
import { type QueueSettings, queueDefaults } from "../queues/queue-settings.ts";
import { queueArnOfUrl, readInputs } from "./read-inputs.ts";
import type { Topology } from "./topology.ts";
import { TopologyError } from "./topology-error.ts";

const seconds = (least: number, most: number) => z.number().int().min(least).max(most);

/** Limits of CreateQueue. */
const QueueInputs = z.object({
  name: z.string().regex(/^[\w-]{1,75}(\.fifo)?$/),
  fifoQueue: z.boolean().default(queueDefaults.fifo),
  deduplicationScope: z.enum(["queue", "messageGroup"]).default(queueDefaults.deduplicationScope),
  contentBasedDeduplication: z.boolean().default(queueDefaults.contentBasedDeduplication),
  visibilityTimeoutSeconds: seconds(0, 43_200).default(queueDefaults.visibilityTimeout),
  delaySeconds: seconds(0, 900).default(queueDefaults.delay),
  messageRetentionSeconds: seconds(60, 1_209_600).default(queueDefaults.retention),
  receiveWaitTimeSeconds: seconds(0, 20).default(queueDefaults.receiveWait),
  maxMessageSize: z.number().int().min(1024).max(262_144).default(queueDefaults.maximumMessageSize),
  redrivePolicy: z
    .strictObject({
      deadLetterTargetArn: z.string(),
      maxReceiveCount: z.coerce.number().int().min(1).max(1000),
    })
    .optional(),
});

/** Every queue of every stack. */
export function queuesOf(topology: Topology): readonly QueueSettings[] {
  return readInputs(topology, "aws:sqs/queue:Queue", QueueInputs).map(({ inputs, account, region }) => {
    if (inputs.fifoQueue !== inputs.name.endsWith(".fifo"))
      throw new TopologyError([`queue ${inputs.name}: exactly the names of FIFO queues end with .fifo`]);
    const { redrivePolicy } = inputs;
    return {
      name: inputs.name,
      arn: `arn:aws:sqs:${region}:${account}:${inputs.name}`,
      account,
      region,
      fifo: inputs.fifoQueue,
      deduplicationScope: inputs.deduplicationScope,
      contentBasedDeduplication: inputs.contentBasedDeduplication,
      visibilityTimeout: inputs.visibilityTimeoutSeconds,
      delay: inputs.delaySeconds,
      retention: inputs.messageRetentionSeconds,
      receiveWait: inputs.receiveWaitTimeSeconds,
      maximumMessageSize: inputs.maxMessageSize,
      redrive: redrivePolicy && {
        deadLetterTarget: redrivePolicy.deadLetterTargetArn,
        maxReceiveCount: redrivePolicy.maxReceiveCount,
      },
    };
  });
}

const QueuePolicyInputs = z.object({ queueUrl: z.string(), policy: z.record(z.string(), z.json()) });

/** The policy of each queue, by its ARN. A queue has one: of two resources the last would win, so that is refused. */
export function queuePoliciesOf(topology: Topology): ReadonlyMap<string, unknown> {
  const policies = new Map<string, unknown>();
  for (const { inputs, logicalName, stack } of readInputs(
    topology,
    "aws:sqs/queuePolicy:QueuePolicy",
    QueuePolicyInputs,
  )) {
    const arn = queueArnOfUrl(inputs.queueUrl);
    if (policies.has(arn))
      throw new TopologyError([`${stack}: ${logicalName} is the second policy of ${arn}`]);
    policies.set(arn, inputs.policy);
  }
  return policies;
}
