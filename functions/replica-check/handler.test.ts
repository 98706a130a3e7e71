import type { ReplicationStatus } from "@tallyman/domain/image/ports";
import { expect, test } from "vitest";
import { aDigest } from "../../test/builders/digest.ts";
import { anImageEvent } from "../../test/builders/ecr-event.ts";
import { functionDeps, OTHER, WEST } from "../../test/builders/function-deps.ts";
import { aRepository, HUB } from "../../test/builders/registry.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import { createHandler as createImageAction } from "../image-action/handler.ts";
import { createHandler } from "./handler.ts";

const WEB = aRepository("prod/web");
const A = aDigest("A");
const ID = `replica-check#111122223333/us-east-1#prod/web#${A}#1.4.2`;
const KEY = { repository: "prod/web", digest: A, tag: "1.4.2" };

/** A push of prod/web:1.4.2 that two destinations expect, two minutes ago. */
async function setUp(statuses: readonly ReplicationStatus[] = []) {
  const it = functionDeps();
  const { registry } = it.deps;
  registry.setReplicationRules(HUB, [{ destinations: [WEST, OTHER], prefixes: [] }]);
  registry.push(WEB, { digest: A, tags: ["1.4.2"] });
  await createImageAction(it.deps)(
    anSqsEvent({ body: anImageEvent("PUSH", { digest: A, tag: "1.4.2" }) }),
    aLambdaContext(),
  );
  registry.setReplicationStatus(A, statuses);
  const pass = (minutes: number) => {
    it.clock.now = new Date(it.clock.now.getTime() + minutes * 60_000);
  };
  pass(2);
  const handler = createHandler(it.deps);
  const check = async (body?: unknown) => {
    const answer = await handler(
      anSqsEvent({ body: body ?? (await it.deps.due.findDue(ID)) }),
      aLambdaContext(),
    );
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  const stateOf = async (destination: typeof WEST) =>
    (await it.deps.replicas.findReplica({ ...KEY, destination }))?.state;
  return { ...it, registry, pass, check, stateOf };
}

const COMPLETE = (at: typeof WEST): ReplicationStatus => ({ ...at, status: "COMPLETE" });

test("copies that the source reports complete have arrived and the item is done", async () => {
  const { check, stateOf, deps } = await setUp([COMPLETE(WEST), COMPLETE(OTHER)]);
  expect(await check()).toEqual([]);
  expect([await stateOf(WEST), await stateOf(OTHER)]).toEqual(["arrived", "arrived"]);
  expect(await deps.due.findDue(ID)).toBeUndefined();
  expect(deps.telemetry.messages("info").filter((it) => it === "replica arrived")).toHaveLength(2);
});

test("a destination that the source does not report is asked itself", async () => {
  const { registry, check, stateOf } = await setUp([COMPLETE(WEST)]);
  registry.push(aRepository("prod/web", OTHER), { digest: A, tags: [] });
  await check();
  expect(await stateOf(OTHER)).toBe("arrived");
});

test("a copy that is not there yet is due again, with one more version", async () => {
  const { check, stateOf, deps } = await setUp([COMPLETE(WEST), { ...OTHER, status: "IN_PROGRESS" }]);
  await check();
  expect([await stateOf(WEST), await stateOf(OTHER)]).toEqual(["arrived", "pending"]);
  expect(await deps.due.findDue(ID)).toMatchObject({ version: 2, dueAt: "2026-11-16T01:59:35.000Z" });
});

test("a copy that is half an hour late is overdue, told once, and looked for on", async () => {
  const { check, stateOf, pass, offered, deps } = await setUp([COMPLETE(WEST)]);
  for (let look = 0; look < 4; look++) {
    pass(30);
    expect(await check()).toEqual([]);
  }
  expect(await stateOf(OTHER)).toBe("overdue");
  expect(offered).toMatchObject([{ kind: "replica-overdue", title: "prod/web:1.4.2 has not arrived" }]);
  expect(deps.telemetry.measurements).toEqual([{ name: "ReplicaOverdue", value: 1 }]);
  expect(await deps.due.findDue(ID)).toMatchObject({ version: 5 });
});

test("a copy that comes late after all has arrived, and nobody is told again", async () => {
  const { registry, check, stateOf, pass, sent } = await setUp([COMPLETE(WEST)]);
  pass(30);
  await check();
  registry.push(aRepository("prod/web", OTHER), { digest: A, tags: [] });
  pass(30);
  await check();
  expect(await stateOf(OTHER)).toBe("arrived");
  expect(sent).toHaveLength(1);
});

test("after a day nobody looks any more", async () => {
  const { check, pass, deps } = await setUp([COMPLETE(WEST)]);
  pass(25 * 60);
  await check();
  expect(await deps.due.findDue(ID)).toBeUndefined();
});

test("a copy that the source reports as failed is told with its code", async () => {
  const failed: ReplicationStatus = { ...OTHER, status: "FAILED", failureCode: "AccessDenied" };
  const { check, stateOf, sent, deps } = await setUp([COMPLETE(WEST), failed]);
  await check();
  expect(await stateOf(OTHER)).toBe("failed");
  expect(await deps.replicas.findReplica({ ...KEY, destination: OTHER })).toMatchObject({
    failureCode: "AccessDenied",
  });
  expect(sent).toMatchObject([{ kind: "replica-failed", reason: expect.stringContaining("AccessDenied") }]);
});

test("a crash between an overdue copy and its notice tells people when the message comes again", async () => {
  const { check, pass, failing, sent, deps } = await setUp([COMPLETE(WEST)]);
  pass(30);
  const message = await deps.due.findDue(ID);
  failing.notices = 1;
  expect(await check(message)).toEqual(["message-1"]);
  expect(await check(message)).toEqual([]);
  expect(sent).toHaveLength(1);
});

test("a message that comes twice works once", async () => {
  const { check, deps, inventory } = await setUp([COMPLETE(WEST)]);
  const message = await deps.due.findDue(ID);
  await check(message);
  const writes = inventory.journal.writes.length;
  expect(await check(message)).toEqual([]);
  expect(inventory.journal.writes.length).toBe(writes);
});

test("an image that is gone from its source is no longer expected, and nobody is told", async () => {
  const { registry, check, stateOf, sent, deps } = await setUp();
  registry.deleteImage(WEB, A);
  await check();
  expect(await stateOf(OTHER)).toBe("failed");
  expect(sent).toEqual([]);
  expect(await deps.due.findDue(ID)).toBeUndefined();
});

test("an unreachable registry hands the message back and keeps the item", async () => {
  const { registry, check, deps } = await setUp();
  registry.unavailable = true;
  expect(await check()).toEqual(["message-1"]);
  expect(await deps.due.findDue(ID)).toMatchObject({ version: 1 });
});

test("an item of an unknown kind is malformed", async () => {
  const { check, deps } = await setUp();
  expect(await check({ ...(await deps.due.findDue(ID)), kind: "mow-the-lawn" })).toEqual(["message-1"]);
});
