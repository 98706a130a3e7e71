import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type MemoryApi, memoryApi } from "./fakes/memory-api.ts";
import { type ApiServer, startApiServer } from "./support/api-server.ts";
import { runTallyman } from "./support/run-tallyman.ts";
import { until } from "./support/until.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let api: MemoryApi;
let server: ApiServer;
const run = (...args: string[]) => runTallyman(args, { endpoint: server.url });

beforeEach(async () => {
  api = memoryApi();
  server = await startApiServer(api);
});
afterEach(() => server.close());

test("resume and pause set the brake with their reason", async () => {
  const resumed = await run("resume", "checked", "the", "policy");
  expect(resumed.code).toBe(0);
  expect(resumed.stdout).toMatch(/^running: .*user\/test: checked the policy\n$/);
  expect(await api.inventory.brake.readBrake()).toMatchObject({ on: false, reason: "checked the policy" });
  expect((await run("pause", "odd deletions", "--json")).stdout).toContain('"on": true');
  expect(await api.inventory.brake.readBrake()).toMatchObject({ on: true, reason: "odd deletions" });
  expect((await run("audit", "--day", "2026-11-21")).stdout).toMatch(/brake\.set .*odd deletions/);
});

test("status shows the brake and the declared registries", async () => {
  const { code, stdout } = await run("status");
  expect(code).toBe(0);
  expect(stdout).toContain("brake    paused: nothing is written to any registry; never set so far: a first");
  expect(stdout).not.toContain("1970");
  expect(stdout).toContain("registry 111122223333/us-west-2");
});

test("the status of a degraded control plane is shown, and is a problem", async () => {
  await server.close();
  const readAccess = () => Promise.reject(new Error("no policy"));
  server = await startApiServer({ ...api, deps: { ...api.deps, readAccess } });
  const { code, stdout, stderr } = await run("status");
  expect({ code, stdout }).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("policy   not readable"),
  });
  expect(stderr).toContain("degraded");
});

test("dead letters are listed and moved back, and the move is waited for", async () => {
  expect((await run("dlq", "list")).stdout).toMatch(/^QUEUE +MESSAGES\nImageActionDeadLetters +3\n/);
  const redriving = run("dlq", "redrive", "ImageActionDeadLetters");
  const started = server.requests;
  await until(
    "the command asks how far the move is",
    () =>
      started.at(-1) === "GET /api/v1/dead-letters/ImageActionDeadLetters/redrive" &&
      started.at(-2) === "POST /api/v1/dead-letters/ImageActionDeadLetters/redrive",
  );
  api.deadLetters.finish("ImageActionDeadLetters");
  expect(await redriving).toMatchObject({
    code: 0,
    stdout: "ImageActionDeadLetters: 3 messages moved back\n",
  });
});

test("an earlier move is not taken for the one that was just started", async () => {
  await api.deadLetters.redrive("ImageActionDeadLetters");
  api.deadLetters.finish("ImageActionDeadLetters");
  const redriving = run("dlq", "redrive", "ImageActionDeadLetters");
  await until("the move is followed", () => server.requests.length >= 4);
  api.deadLetters.finish("ImageActionDeadLetters");
  expect(await redriving).toMatchObject({
    code: 0,
    stdout: "ImageActionDeadLetters: 0 messages moved back\n",
  });
});

test("--all moves back only queues that hold messages, and need not wait", async () => {
  const { code, stdout } = await run("dlq", "redrive", "--all", "--no-wait", "--json");
  expect({ code, ...JSON.parse(stdout) }).toEqual({
    code: 0,
    items: [{ queue: "ImageActionDeadLetters", state: "running" }],
  });
});

test.each([
  [["dlq", "redrive"], 2, "Name one dead-letter queue"],
  [["dlq", "redrive", "x", "--all"], 2, "Name one dead-letter queue"],
  [["dlq", "redrive", "Nothing"], 1, "the queues are ImageActionDeadLetters"],
  [["pause"], 2, "missing required argument 'reason'"],
  [["pause", " "], 2, "1 to 500 characters"],
])("tallyman %j ends with %i and says why", async (args, code, words) => {
  const result = await run(...args);
  expect(result).toMatchObject({ code, stderr: expect.stringContaining(words) });
});

test("requests are signed with the configured credentials for the chosen Region", async () => {
  const env = { AWS_ACCESS_KEY_ID: "test2", AWS_SECRET_ACCESS_KEY: "test2" };
  const { code, stderr } = await runTallyman(["status", "--region", "eu-central-1"], {
    endpoint: server.url,
    env,
  });
  expect({ code, stderr: stderr.includes("no AWS credentials") }).toEqual({ code: 1, stderr: false });
  expect(stderr).toContain("not a principal of the hub's account");
  expect(server.callers).toMatchObject([
    { accessKeyId: "test2", region: "eu-central-1", service: "execute-api" },
  ]);
});

test("a key that the embedded cloud does not know is answered with those it knows", async () => {
  const env = { AWS_ACCESS_KEY_ID: "AKIAMINE", AWS_SECRET_ACCESS_KEY: "x" };
  const { code, stderr } = await runTallyman(["status"], { endpoint: server.url, env });
  expect(code).toBe(1);
  expect(stderr).toContain("AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test");
});

test("a profile that was named and does not exist is not replaced by the embedded keys", async () => {
  const { code, stderr } = await runTallyman(["status"], {
    endpoint: server.url,
    env: { AWS_PROFILE: "nowhere" },
  });
  expect(code).toBe(1);
  expect(stderr).toContain("No AWS credentials could be used");
  expect(server.requests).toEqual([]);
});

test("with nothing listening it says how to start the embedded cloud", async () => {
  const endpoint = server.url;
  await server.close();
  const { code, stderr } = await runTallyman(["images"], { endpoint });
  expect(code).toBe(1);
  expect(stderr).toContain('Start the embedded cloud with "npm start"');
});

test("an answer that is not the admin API's is no crash", async () => {
  const other = createServer((_, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
  );
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const { code, stderr } = await runTallyman(["images"], { endpoint });
  other.close();
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("Check --endpoint") });
  expect(stderr).not.toContain("    at ");
});

test("a policy is checked without any deployment, with lines and columns", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-policy-"));
  writeFileSync(join(folder, "tallyman.yaml"), "version: 1\ntaging:\n  rules: []\n");
  const bad = await runTallyman(["policy", "check"], { cwd: folder });
  expect(bad).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/tallyman\.yaml:2:1: .*"taging"/),
  });
  const json = await runTallyman(["policy", "check", "--json"], { cwd: folder });
  expect(JSON.parse(json.stdout).problems).toMatchObject([{ line: 2, column: 1 }]);
  writeFileSync(join(folder, "good.yaml"), "version: 1\n");
  expect(await runTallyman(["policy", "check", "good.yaml"], { cwd: folder })).toMatchObject({
    code: 0,
    stdout: "good.yaml: valid, 0 tagging rules\n",
  });
});

test("the policy's schema is printed without any deployment", async () => {
  const { code, stdout } = await runTallyman(["policy", "schema"]);
  expect(code).toBe(0);
  const { properties } = JSON.parse(stdout);
  expect(properties.tagging.properties.rules.items.properties.deny.description).toContain("is a violation");
});

test("help has examples and ends well", async () => {
  const help = await runTallyman(["help"]);
  expect(help).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("tallyman history prod/web:latest"),
  });
  const images = await runTallyman(["images", "--help"]);
  expect(images).toMatchObject({ code: 0, stdout: expect.stringContaining("Examples:") });
});
