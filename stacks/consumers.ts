import type { Consumption } from "./functions.ts";
import type { FunctionFolder } from "./names.ts";
import { type Consumer, type ConsumerQueues, createQueues } from "./queues.ts";

export type ConsumerFolder = Exclude<FunctionFolder, "api">;

type ConsumerSpec = {
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly memory: "256 MB" | "512 MB" | "1024 MB";
  readonly consumption: Consumption;
  readonly fifo?: Pick<Consumer, "contentBasedDeduplication" | "delaySeconds" | "perGroup">;
};

/** Every queue consumer: how long it may take, how much it takes at once, how many run at most. */
const CONSUMERS: Readonly<Record<ConsumerFolder, ConsumerSpec>> = {
  "image-action": {
    name: "ImageAction",
    timeoutSeconds: 60,
    memory: "1024 MB",
    consumption: { batchSize: 10, maximumConcurrency: 20 },
  },
  "replication-action": {
    name: "ReplicationAction",
    timeoutSeconds: 30,
    memory: "512 MB",
    consumption: { batchSize: 10, maximumConcurrency: 10 },
  },
  // One record may name a hundred images, each of which is read.
  "trail-action": {
    name: "Trail",
    timeoutSeconds: 120,
    memory: "512 MB",
    consumption: { batchSize: 10, maximumConcurrency: 5 },
  },
  "replica-check": {
    name: "ReplicaCheck",
    timeoutSeconds: 60,
    memory: "512 MB",
    consumption: { batchSize: 10, maximumConcurrency: 10 },
  },
  // One message is one repository, page by page; one at a time per registry (the FIFO group) spares ECR's quotas.
  reconcile: {
    name: "Reconcile",
    timeoutSeconds: 900,
    memory: "1024 MB",
    consumption: { batchSize: 1, maximumConcurrency: 20 },
    fifo: { contentBasedDeduplication: true },
  },
  // A minute's events of a repository are one message. It is counted in a second; the largest take ten.
  recount: {
    name: "Recount",
    timeoutSeconds: 120,
    memory: "1024 MB",
    consumption: { batchSize: 1, maximumConcurrency: 10 },
    fifo: { delaySeconds: 60, perGroup: true },
  },
  due: {
    name: "Due",
    timeoutSeconds: 60,
    memory: "512 MB",
    consumption: { batchSize: 1, maximumConcurrency: 2 },
  },
  // A fleet that starts tells of every task several times; what it uses is written at most twice in an hour.
  "usage-action": {
    name: "UsageAction",
    timeoutSeconds: 60,
    memory: "512 MB",
    consumption: { batchSize: 10, maximumConcurrency: 5 },
  },
  // One message is one source in one account and Region (the FIFO group), which hands the rest of a long collection on.
  "collect-usage": {
    name: "Usage",
    timeoutSeconds: 900,
    memory: "1024 MB",
    consumption: { batchSize: 1, maximumConcurrency: 10 },
    fifo: { contentBasedDeduplication: true, perGroup: true },
  },
  // Slack takes one message a second per channel: a batch of ten is ten seconds, and Retry-After may add thirty.
  notify: {
    name: "Notice",
    timeoutSeconds: 60,
    memory: "256 MB",
    consumption: { batchSize: 10, maximumConcurrency: 5 },
    fifo: {},
  },
};

export type ConsumerParts = ConsumerSpec & {
  readonly folder: ConsumerFolder;
  readonly queues: ConsumerQueues;
};

export type Consumers = Readonly<Record<ConsumerFolder, ConsumerParts>>;

/** Creates every consumer's queues. */
export function createConsumerQueues(): Consumers {
  const parts = Object.entries(CONSUMERS).map(([folder, spec]) => {
    const queues = createQueues({
      name: spec.name,
      functionTimeoutSeconds: spec.timeoutSeconds,
      fifo: spec.fifo !== undefined,
      ...spec.fifo,
    });
    return [folder, { ...spec, folder, queues }];
  });
  return Object.fromEntries(parts);
}
