import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import type { Policy } from "@tallyman/domain/policy/policy";
import { registryName } from "@tallyman/domain/registry/registry";
import type * as z from "@tallyman/domain/zod";
import { Workloads } from "./doctor/workloads.ts";
import type { Embedded } from "./embedded.ts";
import { EAST } from "./registries.ts";
import { credentialsOf, type Registry } from "./registry-client.ts";

/** What a workload calls an image of a registry. */
export function uriOf(registry: Registry, image: string): string {
  return `${registry.account}.dkr.ecr.${registry.region}.amazonaws.com/${image}`;
}

/** Puts an object into the product's bucket, as the hub's administrator. */
async function putObject(product: Embedded, Key: string, Body: string | Uint8Array): Promise<void> {
  const credentials = credentialsOf(EAST.account);
  const { region } = EAST;
  const s3 = new S3Client({ endpoint: product.url, region, credentials, forcePathStyle: true });
  try {
    await s3.send(new PutObjectCommand({ Bucket: "archive", Key, Body }));
  } finally {
    s3.destroy();
  }
}

/** From now on this policy is in force. */
export async function setPolicy(product: Embedded, policy: z.input<typeof Policy>): Promise<void> {
  await putObject(product, "policy/current.json", JSON.stringify(policy));
  // Functions keep what they read for a minute.
  await product.control("POST", "recycle");
}

/** As if the first part of a collection had come this far. Answers the message that goes on. */
export async function halfCollected(
  product: Embedded,
  {
    at,
    source,
    items = [],
  }: { readonly at: Registry; readonly source: string; readonly items?: readonly object[] },
) {
  const run = `half-${randomUUID()}`;
  const key = `usage/partial/${registryName(at)}/${source}/${run}/1.json.gz`;
  await putObject(product, key, gzipSync(JSON.stringify({ schemaVersion: 1, items, policies: {} })));
  const startedAt = String((await product.control("GET", "clock"))["now"]);
  return { kind: "collect", source, account: at.account, region: at.region, run, part: 1, startedAt };
}

/** One of everything that uses images: a service and a task, a function, a timer. Returns the task's end or `true`. */
export async function useEverywhere(product: Embedded, at: Registry, image: string): Promise<void> {
  const workloads = new Workloads(product, at);
  try {
    await workloads.role("exec");
    await workloads.cluster("shop");
    const executionRole = `arn:aws:iam::${at.account}:role/exec`;
    const definition = await workloads.service("shop", "web", { image, executionRole });
    await workloads.runs("shop", definition);
    await createFunction(workloads, at, image);
    await createTimer(product, at, definition);
  } finally {
    workloads.destroy();
  }
}

async function createFunction(workloads: Workloads, { account }: Registry, image: string): Promise<void> {
  await workloads.role("resize", { service: "lambda" });
  await workloads.lambda.send(
    new CreateFunctionCommand({
      FunctionName: "resize",
      PackageType: "Image",
      Code: { ImageUri: image },
      Role: `arn:aws:iam::${account}:role/resize`,
    }),
  );
}

async function createTimer(product: Embedded, at: Registry, definition: string): Promise<void> {
  const { account, region } = at;
  const workloads = new Workloads(product, at);
  const scheduler = new SchedulerClient({
    endpoint: product.url,
    region,
    credentials: credentialsOf(account),
  });
  try {
    const RoleArn = await workloads.role("timer", { service: "scheduler" });
    const TaskDefinitionArn = `arn:aws:ecs:${region}:${account}:task-definition/${definition}`;
    await scheduler.send(
      new CreateScheduleCommand({
        Name: "nightly",
        ScheduleExpression: "rate(1 day)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: {
          Arn: `arn:aws:ecs:${region}:${account}:cluster/shop`,
          RoleArn,
          EcsParameters: { TaskDefinitionArn, LaunchType: "FARGATE" },
        },
      }),
    );
  } finally {
    workloads.destroy();
    scheduler.destroy();
  }
}
