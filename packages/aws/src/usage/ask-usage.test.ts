import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import { Scope } from "@tallyman/domain/usage/names";
import * as z from "@tallyman/domain/zod";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { HUB } from "../../../../test/builders/registry.ts";
import { refusal } from "../../../../test/support/aws-wire.ts";
import { WIRE_CLIENTS, wired } from "../../../../test/support/collecting.ts";
import { ecsUsageCollector } from "../ecs/usage-collector.ts";
import { RoleNotAssumedError } from "../sts/assume-role.ts";
import { askIfThere, askUsage } from "./ask-usage.ts";
import { keyText } from "./key-text.ts";

const question = { action: "ecs:ListTasks", schema: z.object({ tasks: z.array(z.string()) }) };
const failing = (name: string, message = "no") => Object.assign(new Error(message), { name });
const ask = (error: unknown) =>
  askUsage(HUB, question, () => Promise.reject(error)).catch((it: unknown) => it);

test.each(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"])(
  "%s is a missing permission, named with the action",
  async (name) => {
    const cause = failing(name, `User x is not authorized`);
    const error = await ask(cause);
    expect(error).toBeInstanceOf(UsageUnavailableError);
    expect(error).toMatchObject({
      code: "USAGE_UNAVAILABLE",
      refused: true,
      action: "ecs:ListTasks",
      at: HUB,
      cause,
    });
    expect(String(error)).toContain(
      `The reader role may not ecs:ListTasks in 111122223333/us-east-1 (${name}: User x is not authorized); deploy`,
    );
  },
);

test.each<[string, unknown, string]>([
  ["a throttle", failing("ThrottlingException", "Rate exceeded"), "(ThrottlingException: Rate exceeded)"],
  ["a broken connection", failing("Error", "connect ECONNREFUSED"), "(connect ECONNREFUSED)"],
  [
    "a role that cannot be assumed",
    new RoleNotAssumedError("arn:x", "403 AccessDenied"),
    "(RoleNotAssumedError: arn:x",
  ],
  ["what is no error", "odd", "(odd)"],
  ["a long story", failing("X", "y".repeat(10_000)), `(X: ${"y".repeat(297)})`],
])("%s is no refusal, and is to be tried again", async (_, cause, said) => {
  const error = await ask(cause);
  expect(error).toMatchObject({ refused: false });
  expect(String(error)).toContain(`ecs:ListTasks got no usable answer in 111122223333/us-east-1 ${said}`);
});

test("what is gone by the service's own name for it is undefined, nothing else is", async () => {
  const there = (error: unknown, gone: string | RegExp) =>
    askIfThere(HUB, { ...question, gone }, () => Promise.reject(error));
  expect(await there(failing("ClusterNotFoundException"), "ClusterNotFoundException")).toBeUndefined();
  expect(await there(failing("RepositoryNotFoundException"), /^Repository.*NotFound/)).toBeUndefined();
  await expect(there(failing("ClusterNotFoundException2"), "ClusterNotFoundException")).rejects.toThrow();
  await expect(there(failing("ServerException"), /^Repository.*NotFound/)).rejects.toThrow();
});

test("a service that never answers fails as one that cannot be asked, after five attempts", async () => {
  let asked = 0;
  const server = createServer(() => void asked++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  const collector = ecsUsageCollector({ ...WIRE_CLIENTS, answerWithin: 50 });
  await expect(collector.collect(HUB, { revisions: 5 })).rejects.toThrow(UsageUnavailableError);
  expect(asked).toBe(5);
});

test("what is throttled at first is asked again, and is no error", async () => {
  let asked = 0;
  await wired({
    "ecs:ListClusters": () => (++asked < 3 ? refusal("ThrottlingException") : { body: { clusterArns: [] } }),
  });
  expect(await ecsUsageCollector(WIRE_CLIENTS).collect(HUB, { revisions: 5 })).toMatchObject({ items: [] });
  expect(asked).toBe(3);
});

test("every name that AWS gives is made to fit into a use's key", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (name) => {
      expect(Scope.safeParse(keyText(name)).success).toBe(true);
    }),
  );
  expect(keyText("service/web_1-a.b:$LATEST")).toBe("service/web_1-a.b:$LATEST");
});
