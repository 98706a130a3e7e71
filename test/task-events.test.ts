import { ConditionalCheckFailedException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { dynamoUsageStore } from "@tallyman/aws/dynamodb/usage-store";
import { declareTable } from "@tallyman/cloud/tables/declare-table";
import { type Engine, startEngine } from "@tallyman/cloud/tables/engine";
import { tableDefinition } from "@tallyman/cloud/tables/table-definition";
import { inParallel } from "@tallyman/domain/inventory/in-parallel";
import { Policy } from "@tallyman/domain/policy/policy";
import { expect, test } from "vitest";
import { createHandler } from "../functions/usage-action/handler.ts";
import { aDigest } from "./builders/digest.ts";
import { aLambdaContext, anSqsEvent } from "./builders/sqs-event.ts";
import { recordedTelemetry } from "./fakes/recorded-telemetry.ts";
import { committedSnapshots } from "./support/snapshots.ts";

// The function as it is, on the table as it is declared: ten thousand tasks that start in an hour. The same with real tasks
// on the running product: integration/task-starts.test.ts, and the bench `usage`.

const REGISTRY = { account: "111122223333", region: "us-east-1" };
const HOUR_MS = 3_600_000;
const START = Date.parse("2026-11-22T08:00:00Z");
const TASKS = 10_000;
const SERVICES = 5;
const IMAGES = 4;
const BATCH = 10;
/** The mapping's highest concurrency (stacks/consumers.ts). */
const AT_ONCE = 5;

function taskEvent(n: number) {
  const digest = aDigest(`image ${n % IMAGES}`);
  const service = `web-${n % SERVICES}`;
  const arn = (rest: string) => `arn:aws:ecs:${REGISTRY.region}:${REGISTRY.account}:${rest}`;
  return {
    ...{ id: `event-${n}`, source: "aws.ecs", "detail-type": "ECS Task State Change", ...REGISTRY },
    time: new Date(timeOf(n)).toISOString(),
    detail: {
      clusterArn: arn("cluster/production"),
      taskDefinitionArn: arn(`task-definition/${service}:1`),
      group: `service:${service}`,
      lastStatus: "RUNNING",
      containers: [
        { image: `111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web@${digest}`, imageDigest: digest },
      ],
    },
  };
}

const timeOf = (n: number) => START + Math.floor((n / TASKS) * HOUR_MS);

test("ten thousand tasks that start in an hour write each digest and service twice at most", {
  timeout: 300_000,
}, async () => {
  const engine = startEngine(undefined);
  const written = new Map<string, number>();
  try {
    const resource = committedSnapshots().hub.resources["aws:dynamodb/table:Table"]?.["Inventory"];
    await declareTable(engine, tableDefinition("Inventory", resource, REGISTRY));
    let now = START;
    const handler = createHandler({
      telemetry: recordedTelemetry(),
      usage: dynamoUsageStore(openTable("Inventory", countedBy(engine, written))),
      policy: { currentPolicy: async () => Policy.parse({ version: 1 }) },
      declared: { declaredRegistries: async () => [REGISTRY] },
      now: () => new Date(now),
    });
    const batches = Array.from({ length: TASKS / BATCH }, (_, i) => i * BATCH);
    await inParallel(batches, AT_ONCE, async (first) => {
      now = Math.max(now, timeOf(first + BATCH));
      const events = Array.from({ length: BATCH }, (_, i) => ({ body: taskEvent(first + i) }));
      const { batchItemFailures } = await handler(anSqsEvent(...events), aLambdaContext("usage-action"));
      expect(batchItemFailures).toEqual([]);
    });
  } finally {
    await engine.stop();
  }
  expect(written.size).toBe(SERVICES * IMAGES);
  expect([...new Set(written.values())]).toEqual([2]);
});

/** The product's own table; counts puts that it took, by key. */
function countedBy(engine: Engine, written: Map<string, number>): DynamoDBClient {
  async function send(command: { readonly input: Readonly<Record<string, unknown>> }): Promise<unknown> {
    const operation = command.constructor.name.replace(/Command$/, "");
    const body = JSON.stringify(command.input);
    const answer = await engine.perform({ ...REGISTRY, operation, body });
    if (answer.body.includes("ConditionalCheckFailedException"))
      throw new ConditionalCheckFailedException({ message: answer.body, $metadata: {} });
    if (answer.status !== 200) throw new Error(answer.body);
    if (operation === "PutItem") {
      const { pk, sk } = command.input["Item"] as { pk: { S: string }; sk: { S: string } };
      const key = `${pk.S} ${sk.S}`;
      written.set(key, (written.get(key) ?? 0) + 1);
    }
    return JSON.parse(answer.body);
  }
  return { send } as unknown as DynamoDBClient;
}
