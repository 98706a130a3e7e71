import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CloudClock } from "../clock/cloud-clock.ts";
import { createClock } from "../clock/create-clock.ts";
import { functionDefinition } from "./function-definition.ts";
import type { LogLine } from "./worker-messages.ts";
import { createWorkerPool, type WorkerPool } from "./worker-pool.ts";

const place = { account: "111122223333", region: "us-east-1" };
const CREDENTIALS = { accessKeyId: "ASIAONE", secretAccessKey: "secret", sessionToken: "token" };

let root: string;
let pool: WorkerPool;
let lines: LogLine[];
let clock: CloudClock;
let issued: string[];
let doomed: string | undefined;
let refused: string | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lambda-"));
  lines = [];
  issued = [];
  doomed = undefined;
  refused = undefined;
  clock = createClock();
  pool = createWorkerPool({
    clock,
    endpoint: () => "http://127.0.0.1:1",
    credentialsFor: async (roleArn) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (refused) throw new Error(refused);
      issued.push(roleArn);
      return {
        ...CREDENTIALS,
        accessKeyId: `ASIA${issued.length}`,
        expiration: new Date(clock.now().getTime() + 3_600_000),
      };
    },
    onLog: (line) => lines.push(line),
    killsWorker: (functionName) => functionName === doomed,
    compileCache: join(root, "cache"),
  });
});

afterEach(async () => {
  await pool.stop(0);
  await rm(root, { recursive: true });
});

/** Writes a bundle and declares it; returns its ARN. */
async function aFunction(
  name: string,
  source: string,
  inputs: Record<string, unknown> = {},
): Promise<string> {
  await mkdir(join(root, "dist", name), { recursive: true });
  await writeFile(join(root, "dist", name, "bundle.mjs"), source);
  const resource = {
    bundle: `dist/${name}`,
    handler: "bundle.handler",
    role: `arn:aws:iam::1:role/${name}`,
    ...inputs,
  };
  const definition = functionDefinition(name, resource, { ...place, bundlesRoot: root });
  pool.declare(definition);
  return definition.arn;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("the condition did not come true within 20 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("an invocation", () => {
  test("gets the event and Lambda's context, and answers JSON", async () => {
    const arn = await aFunction(
      "Echo",
      `export const handler = async (event, context) => ({ event, name: context.functionName, arn: context.invokedFunctionArn,
         left: context.getRemainingTimeInMillis(), id: context.awsRequestId.length });`,
      { timeout: 20 },
    );
    const result = await pool.invoke(arn, { a: [1, "ü"] }, "request");
    expect(result).toMatchObject({
      ok: true,
      payload: { event: { a: [1, "ü"] }, name: "Echo", arn, id: 36 },
    });
    const left = result.ok ? (result.payload as { left: number }).left : 0;
    expect(left).toBeGreaterThan(15_000);
    expect(left).toBeLessThanOrEqual(20_000);
  });

  test("sees its own environment and nothing of its parent's", async () => {
    process.env["PARENT_SECRET"] = "leak";
    const arn = await aFunction("Env", "export const handler = () => ({ ...process.env });", {
      memorySize: 512,
      environment: {
        variables: {
          QUEUE: "https://sqs.us-east-1.amazonaws.com/111122223333/Work",
          SLACK: "https://slack.com/api/",
        },
      },
    });
    const result = await pool.invoke(arn, {}, "request");
    const env = result.ok ? (result.payload as Record<string, string>) : {};
    expect(env).toMatchObject({
      QUEUE: "http://127.0.0.1:1/111122223333/Work",
      SLACK: "http://127.0.0.1:1/_embedded/slack/api/",
      AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "ASIA1",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_CONFIG_FILE: "/dev/null",
    });
    expect(env).not.toHaveProperty("PARENT_SECRET");
    expect(env).not.toHaveProperty("PATH");
  });

  test("a variable that still names AWS stops the start", async () => {
    const arn = await aFunction("Leaky", "export const handler = () => 1;", {
      environment: { variables: { URL: "https://logs.s3.us-east-1.amazonaws.com/x" } },
    });
    expect(await pool.invoke(arn, {}, "request")).toMatchObject({
      ok: false,
      message: /URL names a host outside/,
    });
  });

  test("runs on the cloud's clock, warm or cold", async () => {
    const arn = await aFunction(
      "Clock",
      "export const handler = () => [Date.now(), new Date().getTime(), new Date(0).toISOString(), new Date() instanceof Date, Date.UTC(1970, 0, 1), typeof Date()];",
    );
    for (const days of [0, 40, -40]) {
      clock.set(new Date(Date.now() + days * 86_400_000));
      const result = await pool.invoke(arn, {}, "request");
      const [now, made, epoch, instance, utc, text] = result.ok
        ? (result.payload as [number, number, ...unknown[]])
        : [0, 0];
      expect(Math.abs(now - Date.now() - days * 86_400_000)).toBeLessThan(60_000);
      expect(Math.abs(made - now)).toBeLessThan(1_000);
      expect([epoch, instance, utc, text]).toEqual(["1970-01-01T00:00:00.000Z", true, 0, "string"]);
    }
  });
});

describe("a failing invocation", () => {
  const failures: Array<[string, string, Record<string, unknown>, string, RegExp]> = [
    [
      "throws",
      `export const handler = async () => { throw new TypeError("no such thing"); };`,
      {},
      "TypeError",
      /no such thing/,
    ],
    ["throws a string", "export const handler = () => { throw 'plain'; };", {}, "string", /plain/],
    [
      "never ends",
      "export const handler = () => new Promise(() => setInterval(() => {}, 1000));",
      { timeout: 1 },
      "Sandbox.Timedout",
      /timed out after 1.00 seconds/,
    ],
    [
      "blocks its thread",
      "export const handler = () => { for (;;) {} };",
      { timeout: 1 },
      "Sandbox.Timedout",
      /timed out/,
    ],
    [
      "answers too much",
      "export const handler = () => 'x'.repeat(6_291_556);",
      {},
      "Function.ResponseSizeTooLarge",
      /6291556 bytes/,
    ],
    [
      "answers what JSON cannot say",
      "export const handler = () => 1n;",
      {},
      "Runtime.MarshalError",
      /BigInt/,
    ],
    ["exits", "export const handler = () => process.exit(3);", {}, "Runtime.ExitError", /exit status 3/],
    [
      "fails in a timer",
      "export const handler = () => new Promise(() => setTimeout(() => { throw new RangeError('later'); }, 5));",
      {},
      "RangeError",
      /later/,
    ],
    [
      "leaves a rejection",
      "export const handler = () => new Promise(() => { Promise.reject(new Error('lost')); });",
      {},
      "Runtime.UnhandledPromiseRejection",
      /lost/,
    ],
    [
      "eats its memory",
      "const all = []; export const handler = () => { for (;;) all.push('x'.repeat(1000) + Math.random()); };",
      { memorySize: 128, timeout: 60 },
      "Runtime.OutOfMemory",
      /memory/,
    ],
    ["cannot be parsed", "export const handler = (;", {}, "Runtime.UserCodeSyntaxError", /Unexpected/],
    [
      "exports no handler",
      "export const other = 1;",
      {},
      "Runtime.HandlerNotFound",
      /bundle.handler is undefined/,
    ],
    [
      "imports what is not there",
      "import 'not-there'; export const handler = 1;",
      {},
      "Runtime.ImportModuleError",
      /not-there/,
    ],
  ];

  test.each(failures)(
    "one that %s fails alone, and the next one works",
    async (_, source, inputs, errorType, message) => {
      const broken = await aFunction("Broken", source, inputs);
      const well = await aFunction("Well", "export const handler = () => 'fine';");
      const [failed, fine] = await Promise.all([
        pool.invoke(broken, {}, "mapping"),
        pool.invoke(well, {}, "mapping"),
      ]);
      expect(failed).toMatchObject({ ok: false, errorType });
      expect(failed.ok ? "" : failed.message).toMatch(message);
      expect(fine).toEqual({ ok: true, payload: "fine" });
      expect(await pool.invoke(broken, {}, "mapping")).toMatchObject({ ok: false, errorType });
    },
    60_000,
  );

  test("a payload over 6 MB is refused before any worker starts", async () => {
    const arn = await aFunction("Big", "export const handler = () => 1;");
    expect(await pool.invoke(arn, "x".repeat(6 * 1024 * 1024), "request")).toMatchObject({
      ok: false,
      errorType: "RequestEntityTooLargeException",
    });
    expect(issued).toEqual([]);
  });

  test("a function nobody declared is not found", async () => {
    expect(await pool.invoke("arn:aws:lambda:us-east-1:1:function:None", {}, "request")).toMatchObject({
      ok: false,
      errorType: "ResourceNotFoundException",
    });
  });
});

describe("what a function writes", () => {
  test("comes line by line with its request id, before the result", async () => {
    const arn = await aFunction(
      "Talk",
      "console.log('loading'); export const handler = (e, c) => { console.log('one\\ntwo'); console.error('three'); return c.awsRequestId; };",
    );
    const result = await pool.invoke(arn, {}, "request");
    const requestId = result.ok ? result.payload : "";
    expect(lines).toEqual([
      { functionName: "Talk", requestId: undefined, stream: "stdout", line: "loading" },
      { functionName: "Talk", requestId, stream: "stdout", line: "one" },
      { functionName: "Talk", requestId, stream: "stdout", line: "two" },
      { functionName: "Talk", requestId, stream: "stderr", line: "three" },
    ]);
  });

  test.each([
    ["JSON", /^\{.*"level":"ERROR".*"errorType":"TypeError"/],
    ["Text", /\tERROR\tInvoke Error\t\{"errorType":"TypeError"/],
  ])("the runtime prints the error itself, as %s", async (logFormat, line) => {
    const arn = await aFunction("Bad", "export const handler = () => { null.x; };", {
      loggingConfig: { logFormat },
    });
    await pool.invoke(arn, {}, "request");
    expect(lines.map((entry) => entry.line).join("\n")).toMatch(line);
  });
});

describe("workers", () => {
  const COUNTING =
    "let n = 0; export const handler = async (e) => { n += 1; await new Promise((r) => setTimeout(r, e.ms ?? 0)); return { n, key: process.env.AWS_ACCESS_KEY_ID }; };";

  test("are reused warm, one invocation at a time", async () => {
    const arn = await aFunction("Warm", COUNTING);
    const first = await pool.invoke(arn, {}, "request");
    const second = await pool.invoke(arn, {}, "request");
    expect([first, second]).toMatchObject([{ payload: { n: 1 } }, { payload: { n: 2 } }]);
    expect(pool.initDurations()).toHaveLength(1);
    expect(pool.initDurations()[0]?.milliseconds).toBeGreaterThan(0);
  });

  test("are at most four, and what is more waits its turn", async () => {
    const arn = await aFunction("Many", COUNTING, { timeout: 60 });
    const results = await Promise.all(
      Array.from({ length: 12 }, () => pool.invoke(arn, { ms: 20 }, "mapping")),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(12);
    expect(pool.initDurations()).toHaveLength(4);
  });

  test("are replaced before their credentials expire", async () => {
    const arn = await aFunction("Renew", COUNTING);
    await pool.invoke(arn, {}, "request");
    clock.set(new Date(Date.now() + 3_590_000));
    expect(await pool.invoke(arn, {}, "request")).toMatchObject({
      ok: true,
      payload: { n: 1, key: "ASIA2" },
    });
  });

  test("that are recycled finish what they do; whatever comes later finds a new one", async () => {
    const arn = await aFunction("Recycled", COUNTING, { timeout: 60 });
    await pool.invoke(arn, {}, "mapping");
    const running = pool.invoke(arn, { ms: 200 }, "mapping");
    await until(() => pool.busy() === 1);
    await pool.recycle();
    expect(await pool.invoke(arn, {}, "mapping")).toMatchObject({ ok: true, payload: { n: 1 } });
    expect(await running).toMatchObject({ ok: true, payload: { n: 2 } });
    await pool.recycle();
    expect(await pool.invoke(arn, {}, "mapping")).toMatchObject({ ok: true, payload: { n: 1 } });
    expect(pool.initDurations()).toHaveLength(3);
  });

  test("that cannot start leave nobody waiting", async () => {
    refused = "User: lambda.amazonaws.com is not authorized to perform: sts:AssumeRole";
    const arn = await aFunction("NoRole", COUNTING);
    const results = await Promise.all(Array.from({ length: 9 }, () => pool.invoke(arn, {}, "mapping")));
    for (const result of results) {
      expect(result).toMatchObject({ ok: false, message: expect.stringContaining("sts:AssumeRole") });
    }
    refused = undefined;
    expect(await pool.invoke(arn, {}, "mapping")).toMatchObject({ ok: true });
  });

  test("that are killed fail their invocation, and the next one gets a new worker", async () => {
    const arn = await aFunction("Killed", COUNTING, { timeout: 60 });
    const running = pool.invoke(arn, { ms: 60_000 }, "mapping");
    await until(() => pool.initDurations().length === 1);
    expect(await pool.killWorker("Killed")).toBe(true);
    expect(await running).toMatchObject({ ok: false, errorType: "Runtime.ExitError" });
    expect(await pool.invoke(arn, {}, "mapping")).toMatchObject({ ok: true, payload: { n: 1 } });
    expect(await pool.killWorker("Nobody")).toBe(false);
  });

  test("die in the middle of an invocation while that fault is switched on", async () => {
    const arn = await aFunction("Doomed", COUNTING, { timeout: 60 });
    await pool.invoke(arn, {}, "mapping");
    doomed = "Doomed";
    expect(await pool.invoke(arn, { ms: 60_000 }, "mapping")).toMatchObject({
      errorType: "Runtime.ExitError",
    });
    doomed = undefined;
    expect(await pool.invoke(arn, {}, "mapping")).toMatchObject({ ok: true });
  });

  test("end with the pool: what runs fails, what comes later too", async () => {
    const arn = await aFunction("Ending", COUNTING, { timeout: 60 });
    const running = pool.invoke(arn, { ms: 60_000 }, "mapping");
    await until(() => pool.initDurations().length === 1);
    await pool.stop(10);
    expect(await running).toMatchObject({ ok: false });
    expect(await pool.invoke(arn, {}, "mapping")).toMatchObject({ ok: false, errorType: "ServiceException" });
    expect(pool.busy()).toBe(0);
  });
});

test.each([
  [{ bundle: "dist/x", role: "r" }, /handler/],
  [{ bundle: "dist/x", handler: "bundle", role: "r" }, /<file>.<export>/],
  [{ bundle: "dist/x", handler: "bundle.handler", role: "r", timeout: 901 }, /timeout/],
])("a function resource that cannot be run is refused by name: %j", (resource, message) => {
  const define = () => functionDefinition("Odd", resource, { ...place, bundlesRoot: "/" });
  expect(define).toThrow(/Function Odd/);
  expect(define).toThrow(message);
});
