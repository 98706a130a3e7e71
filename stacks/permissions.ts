import type { Permission, ResourceKey } from "@tallyman/aws/permission";
import type { Deployment } from "./deployment.ts";
import { declaredAccounts } from "./deployment.ts";
import { POLICY_KEY, READER_ROLE, REGISTRIES_KEY, roleArn, WRITER_ROLE } from "./names.ts";
import type { ConsumerQueues } from "./queues.ts";
import type { Parameters } from "./storage.ts";

/** Queues that functions send to. */
export type SendableQueue = "notice" | "replicaCheck" | "reconcile" | "recount" | "usage";

export type Grantable = {
  readonly deployment: Deployment;
  readonly table: sst.aws.Dynamo;
  readonly bucket: sst.aws.Bucket;
  readonly parameters: Parameters;
  readonly queues: Readonly<Record<SendableQueue, ConsumerQueues>>;
  readonly allQueues: readonly ConsumerQueues[];
};

type Arns = readonly $util.Input<string>[];

/** The ARNs behind each key of a `Permission`. */
export function resourceArns(things: Grantable): Readonly<Record<ResourceKey, Arns>> {
  const { table, bucket, parameters, queues, allQueues } = things;
  const { organization, registries } = things.deployment;
  // More accounts than a policy can list: each account's own trust, for exactly this function and external id, decides.
  const accounts = organization ? ["*"] : declaredAccounts(registries);
  return {
    table: [table.arn],
    "table/gsi1": [$interpolate`${table.arn}/index/gsi1`],
    "table/gsi2": [$interpolate`${table.arn}/index/gsi2`],
    bucket: [bucket.arn],
    "bucket/listings": [$interpolate`${bucket.arn}/listings/*`],
    "bucket/manifests": [$interpolate`${bucket.arn}/manifests/*`],
    "bucket/policy": [$interpolate`${bucket.arn}/${POLICY_KEY}`],
    "bucket/registries": [$interpolate`${bucket.arn}/${REGISTRIES_KEY}`],
    "bucket/usage": [$interpolate`${bucket.arn}/usage/*`],
    "queue/notice": [queues.notice.queue.arn],
    "queue/replica-check": [queues.replicaCheck.queue.arn],
    "queue/reconcile": [queues.reconcile.queue.arn],
    "queue/recount": [queues.recount.queue.arn],
    "queue/usage": [queues.usage.queue.arn],
    "queues/dead-letter": allQueues.map((consumer) => consumer.deadLetters.arn),
    "queues/redrive-source": allQueues.map((consumer) => consumer.queue.arn),
    "parameter/slack-token": [parameters.slackToken.arn],
    "parameter/cursor-key": [parameters.cursorKey.arn],
    "role/reader": accounts.map((account) => roleArn(account, READER_ROLE)),
    "role/writer": accounts.map((account) => roleArn(account, WRITER_ROLE)),
  };
}

/** A function's statements as SST takes them; the queue it consumes is read with the function's own role. */
export function statementsFor(
  permissions: readonly Permission[],
  arns: Readonly<Record<ResourceKey, Arns>>,
  consumes?: sst.aws.Queue,
): sst.aws.FunctionArgs["permissions"] {
  const own = permissions.map(({ actions, on }) => ({ actions: [...actions], resources: [...arns[on]] }));
  if (!consumes) return own;
  const receive = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
  return [...own, { actions: receive, resources: [consumes.arn] }];
}
