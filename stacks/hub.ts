import { createAlarms } from "./alarms.ts";
import { createApi } from "./api.ts";
import { consumersOf } from "./consumers.ts";
import type { Deployment } from "./deployment.ts";
import { environments } from "./environment.ts";
import { createBus, route } from "./events.ts";
import { consume, createFunction, readPermissions } from "./functions.ts";
import { resourceArns, statementsFor } from "./permissions.ts";
import { createDeadLetters } from "./queues.ts";
import { createSchedule } from "./schedules.ts";
import { secureByDefault } from "./security.ts";
import { createBucket, createParameters, createTable } from "./storage.ts";

/** The hub: EventBridge -> SQS -> Lambda on every asynchronous path, and the admin API. */
export async function hub(deployment: Deployment): Promise<Record<string, unknown>> {
  secureByDefault();
  const permissions = await readPermissions();
  const table = createTable();
  const bucket = createBucket();
  const parameters = createParameters();
  const consumers = consumersOf();
  const scheduleDeadLetters = createDeadLetters("ScheduleDeadLetters");
  const all = Object.values(consumers).map((consumer) => consumer.queues);

  const queues = {
    notice: consumers.notify.queues,
    replicaCheck: consumers["replica-check"].queues,
    reconcile: consumers.reconcile.queues,
  };
  const arns = resourceArns({ deployment, table, bucket, parameters, queues, allQueues: all });
  const environment = environments({ deployment, table, bucket, parameters, queues, allQueues: all });
  for (const consumer of Object.values(consumers)) {
    const { folder, queues: own, timeoutSeconds, memory, consumption } = consumer;
    const fn = createFunction({
      folder,
      timeoutSeconds,
      memory,
      environment: environment[folder](),
      permissions: statementsFor(permissions[folder], arns, own.queue),
    });
    consume(own, fn, consumption);
  }
  const api = createApi(
    createFunction({
      folder: "api",
      // HTTP API gives up after 30 s.
      timeoutSeconds: 29,
      memory: "512 MB",
      environment: environment.api(),
      permissions: statementsFor(permissions.api, arns),
    }),
  );

  const bus = createBus(deployment);
  const imageActions = ["ECR Image Action", "ECR Referrer Action"];
  route(bus, { source: ["aws.ecr"], "detail-type": imageActions }, consumers["image-action"].queues);
  route(
    bus,
    { source: ["aws.ecr"], "detail-type": ["ECR Replication Action"] },
    consumers["replication-action"].queues,
  );

  createSchedule({
    name: "Reconcile",
    rate: "rate(1 day)",
    to: consumers.reconcile.queues,
    undelivered: scheduleDeadLetters,
    messageGroupId: "schedule",
  });
  createSchedule({
    name: "Due",
    rate: "rate(1 minute)",
    to: consumers.due.queues,
    undelivered: scheduleDeadLetters,
  });
  createAlarms(deployment, all, { ScheduleDeadLetters: scheduleDeadLetters });
  return { api: api.url, bus: bus.arn, table: table.name, bucket: bucket.name };
}
