import { ENABLED_WITH_READS } from "@tallyman/domain/registry/forwarding-rules";
import { createAlarms } from "./alarms.ts";
import { createApi } from "./api.ts";
import { type Consumers, createConsumerQueues } from "./consumers.ts";
import type { Deployment } from "./deployment.ts";
import { environments } from "./environment.ts";
import { createBus, route } from "./events.ts";
import { consume, createFunction, readPermissions } from "./functions.ts";
import { type Grantable, resourceArns, statementsFor } from "./permissions.ts";
import { createDeadLetters } from "./queues.ts";
import { createSchedule } from "./schedules.ts";
import { secureByDefault } from "./security.ts";
import { createBucket, createParameters, createTable } from "./storage.ts";

/** HTTP API gives up after 30 s. */
const API = { folder: "api", timeoutSeconds: 29, memory: "512 MB" } as const;

/** The hub: EventBridge -> SQS -> Lambda on every asynchronous path, and the admin API. */
export async function hub(deployment: Deployment): Promise<Record<string, unknown>> {
  secureByDefault();
  const consumers = createConsumerQueues();
  const allQueues = Object.values(consumers).map((consumer) => consumer.queues);
  const things: Grantable = {
    deployment,
    table: createTable(),
    bucket: createBucket(deployment),
    parameters: createParameters(),
    queues: {
      notice: consumers.notify.queues,
      replicaCheck: consumers["replica-check"].queues,
      reconcile: consumers.reconcile.queues,
      recount: consumers.recount.queues,
      usage: consumers["collect-usage"].queues,
    },
    allQueues,
  };
  const api = await createFunctions(things, consumers);
  const bus = routeEvents(deployment, consumers);
  const scheduleDeadLetters = schedule(consumers);
  createAlarms(deployment, allQueues, { ScheduleDeadLetters: scheduleDeadLetters });
  return { api: api.url, bus: bus.arn, table: things.table.name, bucket: things.bucket.name };
}

/** Each queue's function, and the one behind the API. */
async function createFunctions(things: Grantable, consumers: Consumers): Promise<sst.aws.ApiGatewayV2> {
  const permissions = await readPermissions();
  const arns = resourceArns(things);
  const environment = environments(things);
  for (const { folder, queues, consumption, ...size } of Object.values(consumers)) {
    const fn = createFunction({
      folder,
      timeoutSeconds: size.timeoutSeconds,
      memory: size.memory,
      environment: environment[folder](),
      permissions: statementsFor(permissions[folder], arns, queues.queue),
    });
    consume(queues, fn, consumption);
  }
  const fn = createFunction({
    ...API,
    environment: environment.api(),
    permissions: statementsFor(permissions.api, arns),
  });
  return createApi(fn);
}

/** What members forward, by the queue it goes to. */
function routeEvents(deployment: Deployment, consumers: Consumers): sst.aws.Bus {
  const bus = createBus(deployment);
  const source = ["aws.ecr"];
  const images = {
    source,
    "detail-type": ["ECR Image Action", "ECR Referrer Action", "ECR Pull Through Cache Action"],
  };
  const replications = { source, "detail-type": ["ECR Replication Action"] };
  const trail = {
    source,
    "detail-type": ["AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"],
  };
  route(bus, images, consumers["image-action"].queues);
  route(bus, replications, consumers["replication-action"].queues);
  const tasks = { source: ["aws.ecs"], "detail-type": ["ECS Task State Change"] };
  route(bus, tasks, consumers["usage-action"].queues);
  // CloudTrail marks what a registry does by itself as reads, and a custom bus's rules hear of those as little as others.
  route(bus, trail, consumers["trail-action"].queues, ENABLED_WITH_READS);
  return bus;
}

/** Returns the queue of what no schedule could deliver. */
function schedule(consumers: Consumers): sst.aws.Queue {
  const undelivered = createDeadLetters("ScheduleDeadLetters");
  const reconcile = { to: consumers.reconcile.queues, undelivered, messageGroupId: "schedule" };
  createSchedule({ name: "Reconcile", rate: "rate(1 day)", ...reconcile });
  createSchedule({ name: "ReconcileChanged", rate: "rate(1 hour)", ...reconcile });
  const usage = { to: consumers["collect-usage"].queues, undelivered, messageGroupId: "schedule" };
  createSchedule({ name: "Usage", rate: "rate(1 hour)", ...usage });
  createSchedule({ name: "Due", rate: "rate(1 minute)", to: consumers.due.queues, undelivered });
  return undelivered;
}
