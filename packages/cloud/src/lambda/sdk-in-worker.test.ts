import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bucketDefinition } from "../bucket/bucket-definition.ts";
import { type Buckets, createBuckets } from "../bucket/buckets.ts";
import { createAuthorizer } from "../identity/authorizer.ts";
import { createDenials } from "../identity/denials.ts";
import { createServiceRoles } from "../identity/service-roles.ts";
import { tableDefinition } from "../tables/table-definition.ts";
import { createTables, type Tables } from "../tables/tables.ts";
import { ACCOUNT, REGION, startTestBorder, type TestBorder } from "../testing/test-border.ts";
import { functionDefinition } from "./function-definition.ts";
import { createWorkerPool, type WorkerPool } from "./worker-pool.ts";

const PLACE = { account: ACCOUNT, region: REGION };
const ROLE = `arn:aws:iam::${ACCOUNT}:role/writer`;
const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:Prober`;

const SOURCE = `
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
const tables = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 1 }));
const bucket = new S3Client({ maxAttempts: 2 });
export const handler = async ({ pk, bucket: Bucket }) => {
  const at = Date.now();
  await tables.send(new PutCommand({ TableName: "Things", Item: { pk, at } }));
  const { Item } = await tables.send(new GetCommand({ TableName: "Things", Key: { pk }, ConsistentRead: true }));
  await bucket.send(new PutObjectCommand({ Bucket, Key: "k/" + pk, Body: JSON.stringify(Item) }));
  const object = await bucket.send(new GetObjectCommand({ Bucket, Key: "k/" + pk }));
  return JSON.parse(await object.Body.transformToString());
};`;

let root: string;
let border: TestBorder;
let tables: Tables;
let buckets: Buckets;
let pool: WorkerPool;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sdk-"));
  await mkdir(join(root, "dist"));
  await writeFile(join(root, "source.js"), SOURCE);
  await build({
    entryPoints: [join(root, "source.js")],
    outfile: join(root, "dist", "bundle.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    nodePaths: [join(import.meta.dirname, "../../../../node_modules")],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  let making: Promise<Buckets> | undefined;
  border = await startTestBorder((deps) => {
    tables = createTables(deps);
    const started = createBuckets({ ...deps, directory: join(root, "objects") });
    making = started;
    const s3 = {
      signingName: "s3",
      handle: async (request: Parameters<Buckets["service"]["handle"]>[0]) =>
        (await started).service.handle(request),
    };
    return { services: [tables.service, s3] };
  });
  if (!making) throw new Error("nothing was built");
  buckets = await making;
  await buckets.declare(bucketDefinition("Files", { bucket: "files" }, PLACE));
  await tables.declare(
    tableDefinition("Things", { hashKey: "pk", attributes: [{ name: "pk", type: "S" }] }, PLACE),
  );
  declareRole(["dynamodb:PutItem", "dynamodb:GetItem", "s3:GetObject", "s3:PutObject"]);
  pool = startPool();
}, 300_000);

afterAll(async () => {
  await pool.stop();
  await border.stop();
  await tables.stop();
  await buckets.stop();
  await rm(root, { recursive: true });
});

function declareRole(actions: readonly string[]): void {
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  const Resource = [`arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/Things`, "arn:aws:s3:::files/k/*"];
  const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource }] };
  border.identity.replaceRole({
    account: ACCOUNT,
    name: "writer",
    assumeRolePolicy: { Version: "2012-10-17", Statement: [trust] },
    inlinePolicies: [{ name: "p", policy }],
  });
}

function startPool(): WorkerPool {
  const authorizer = createAuthorizer({ identity: border.identity, denials: createDenials() });
  const assume = createServiceRoles({ identity: border.identity, authorizer });
  const started = createWorkerPool({
    clock: border.clock,
    endpoint: () => border.url,
    credentialsFor: (arn) => assume(arn, "lambda.amazonaws.com", { durationSeconds: 3600 }).credentials,
  });
  const inputs = { bundle: "dist", handler: "bundle.handler", role: ROLE, timeout: 30, memorySize: 512 };
  started.declare(functionDefinition("Prober", inputs, { ...PLACE, bundlesRoot: root }));
  return started;
}

const write = (pk: string) => pool.invoke(ARN, { pk, bucket: "files" }, "request");

test("a bundled SDK reaches tables and buckets with its role's credentials, path style without being told", async () => {
  const result = await write("one");
  expect(result).toMatchObject({ ok: true, payload: { pk: "one" } });
});

test.each([90, -45])(
  "signatures hold when the cloud's clock is set by %i days, warm and cold",
  async (days) => {
    const wanted = Date.now() + days * 86_400_000;
    border.clock.set(new Date(wanted));
    const warm = await write("warm");
    expect(warm).toMatchObject({ ok: true, payload: { pk: "warm" } });
    const at = warm.ok ? (warm.payload as { at: number }).at : 0;
    expect(Math.abs(at - wanted)).toBeLessThan(60_000);
    await pool.killWorker("Prober");
    expect(await write("cold")).toMatchObject({ ok: true, payload: { pk: "cold" } });
  },
);

test("a permission taken from the role is missed at once, in AWS's words", async () => {
  declareRole(["dynamodb:GetItem"]);
  expect(await write("two")).toMatchObject({
    ok: false,
    errorType: "AccessDeniedException",
    message: expect.stringMatching(
      /assumed-role\/writer\/\S+ is not authorized to perform: dynamodb:PutItem on resource: \S+:table\/Things/,
    ),
  });
});
