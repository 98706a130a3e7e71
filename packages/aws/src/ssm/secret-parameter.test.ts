import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { SSMClientConfig } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ssmSecretParameter } from "./secret-parameter.ts";

let server: Server;
let ssm: SSMClientConfig;
let asked: Record<string, unknown>[];
let answer: { status: number; body: unknown };

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: { Parameter: { Value: "xoxb-1" } } };
  server = createServer(async (request, response) => {
    asked.push(JSON.parse(await text(request)) as Record<string, unknown>);
    response
      .writeHead(answer.status, { "content-type": "application/x-amz-json-1.1" })
      .end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  ssm = { endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test("a secret is read decrypted and kept for five minutes", async () => {
  let now = 0;
  const secret = ssmSecretParameter("/tallyman/slack-token", ssm, () => now);
  expect(await secret()).toBe("xoxb-1");
  now += 5 * 60_000 - 1;
  await secret();
  expect(asked).toEqual([{ Name: "/tallyman/slack-token", WithDecryption: true }]);
  now += 1;
  answer = { status: 200, body: { Parameter: { Value: "xoxb-2" } } };
  expect(await secret()).toBe("xoxb-2");
});

test.each([
  ["refused", { status: 400, body: { __type: "ParameterNotFound" } }],
  ["empty", { status: 200, body: { Parameter: { Value: "" } } }],
  ["not there", { status: 200, body: {} }],
])("a secret that is %s is an error, and is asked for again", async (_, refusal) => {
  const secret = ssmSecretParameter("/tallyman/slack-token", ssm);
  answer = refusal;
  await expect(secret()).rejects.toThrow();
  answer = { status: 200, body: { Parameter: { Value: "xoxb-1" } } };
  expect(await secret()).toBe("xoxb-1");
});
