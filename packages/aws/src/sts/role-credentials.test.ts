import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AssumedRole, assumedRole } from "./role-credentials.ts";

const HOUR = 60 * 60_000;
let server: Server;
let asked: string[];
let refuse: boolean;
let lifetime: number;
let now: number;
let role: AssumedRole;

beforeEach(async () => {
  asked = [];
  refuse = false;
  lifetime = HOUR;
  now = Date.parse("2026-11-21T12:00:00.000Z");
  server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    asked.push(form.get("RoleArn") ?? "");
    if (refuse) return void response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
    response.end(`<Credentials><AccessKeyId>ASIA${asked.length}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
      <SessionToken>t</SessionToken><Expiration>${new Date(now + lifetime).toISOString()}</Expiration></Credentials>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sts = {
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: async () => ({ accessKeyId: "AKIA", secretAccessKey: "secret" }),
  };
  role = assumedRole(sts, { roleName: "tallyman-reader", externalId: "x", sessionName: "test" }, () => now);
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test("a role is assumed once per account, however many ask at once", async () => {
  const accounts = ["111122223333", "444455556666", "111122223333", "111122223333"];
  const all = await Promise.all(accounts.map((account) => role(account)()));
  expect(asked.toSorted()).toEqual([
    "arn:aws:iam::111122223333:role/tallyman-reader",
    "arn:aws:iam::444455556666:role/tallyman-reader",
  ]);
  expect(all[2]).toEqual(all[0]);
});

test("credentials are kept until five minutes before they expire, and renewed once for all who ask then", async () => {
  const first = await role("111122223333")();
  now += HOUR - 5 * 60_000 - 1;
  expect(await role("111122223333")()).toEqual(first);
  now += 1;
  const renewed = await Promise.all([role("111122223333")(), role("111122223333")()]);
  expect(asked).toHaveLength(2);
  expect(renewed[0]?.accessKeyId).toBe("ASIA2");
  expect(renewed[1]).toEqual(renewed[0]);
});

test("credentials that live no longer than that are used once, not asked for without end", async () => {
  lifetime = 60_000;
  expect((await role("111122223333")()).accessKeyId).toBe("ASIA1");
  expect((await role("111122223333")()).accessKeyId).toBe("ASIA2");
});

test("a refusal is not kept", async () => {
  refuse = true;
  await expect(role("111122223333")()).rejects.toThrow("AccessDenied");
  refuse = false;
  expect((await role("111122223333")()).accessKeyId).toBe("ASIA2");
});
