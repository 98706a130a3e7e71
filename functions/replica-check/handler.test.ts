import type { ReplicationStatus } from "@tallyman/domain/image/ports";
import type { DueCheck } from "@tallyman/domain/replication/due-check";
import { releaseChecks } from "@tallyman/domain/replication/release-checks";
import { expect, test } from "vitest";
import { aDigest } from "../../test/builders/digest.ts";
import { aDueCheck } from "../../test/builders/due.ts";
import { anImageEvent } from "../../test/builders/ecr-event.ts";
import { functionDeps, OTHER, POLICY, WEST } from "../../test/builders/function-deps.ts";
import { aRepository, HUB } from "../../test/builders/registry.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import { createHandler as createImageAction } from "../image-action/handler.ts";
import { createHandler } from "./handler.ts";

const WEB = aRepository("prod/web");
const A = aDigest("A");
const KEY = { repository: "prod/web", digest: A, tag: "1.4.2" };

/** A push of prod/web:1.4.2 that two destinations expect, two minutes ago, and the drain that sends what is due. */
async function setUp(statuses: readonly ReplicationStatus[] = []) {
  const it = functionDeps();
  const { registry, replicas } = it.deps;
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
  const drain = async () => {
    const due: DueCheck[] = [];
    await releaseChecks({ replicas, queue: { send: async (check) => void due.push(check) } }, it.clock.now);
    return due;
  };
  const handler = createHandler(it.deps);
  const deliver = async (messages: readonly unknown[]) => {
    const answer = await handler(anSqsEvent(...messages.map((body) => ({ body }))), aLambdaContext());
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  const check = async () => deliver(await drain());
  const find = (destination: typeof WEST) => replicas.findReplica({ ...KEY, destination });
  const stateOf = async (destination: typeof WEST) => (await find(destination))?.state;
  return { ...it, registry, pass, drain, deliver, check, find, stateOf };
}

const COMPLETE = (at: typeof WEST): ReplicationStatus => ({ ...at, status: "COMPLETE" });

test("copies that the source reports complete have arrived and are not looked for again", async () => {
  const { check, stateOf, drain, pass, deps } = await setUp([COMPLETE(WEST), COMPLETE(OTHER)]);
  expect(await check()).toEqual([]);
  expect([await stateOf(WEST), await stateOf(OTHER)]).toEqual(["arrived", "arrived"]);
  expect(deps.telemetry.messages("info").filter((it) => it === "replica arrived")).toHaveLength(2);
  pass(60);
  expect(await drain()).toEqual([]);
});

test("a destination that the source does not report is asked itself", async () => {
  const { registry, check, stateOf } = await setUp([COMPLETE(WEST)]);
  registry.push(aRepository("prod/web", OTHER), { digest: A, tags: [] });
  await check();
  expect(await stateOf(OTHER)).toBe("arrived");
});

test("a copy that is not there yet is looked for again, five minutes after the push", async () => {
  const { check, stateOf, find, pass, drain } = await setUp([
    COMPLETE(WEST),
    { ...OTHER, status: "IN_PROGRESS" },
  ]);
  await check();
  expect([await stateOf(WEST), await stateOf(OTHER)]).toEqual(["arrived", "pending"]);
  expect(await find(OTHER)).toMatchObject({ checks: 1, checkAt: "2026-11-16T01:59:35.000Z" });
  pass(2);
  expect(await drain()).toEqual([]);
  pass(1);
  expect(await drain()).toMatchObject([{ destination: OTHER }]);
});

test("a copy that is half an hour late is overdue, told once, and looked for on", async () => {
  const { check, stateOf, find, pass, offered, deps } = await setUp([COMPLETE(WEST)]);
  for (let look = 0; look < 4; look++) {
    pass(30);
    expect(await check()).toEqual([]);
  }
  expect(await stateOf(OTHER)).toBe("overdue");
  expect(offered).toMatchObject([{ kind: "replica-overdue", title: "prod/web:1.4.2 has not arrived" }]);
  expect(deps.telemetry.measurements).toEqual([{ name: "ReplicaOverdue", value: 1 }]);
  expect(await find(OTHER)).toMatchObject({
    checks: 4,
    noticedAt: "2026-11-16T02:26:35.000Z",
    checkAt: "2026-11-16T04:26:35.000Z",
  });
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
  const { check, pass, find, drain } = await setUp([COMPLETE(WEST)]);
  pass(25 * 60);
  await check();
  expect(await find(OTHER)).not.toHaveProperty("checkAt");
  pass(25 * 60);
  expect(await drain()).toEqual([]);
});

test("a copy that the source reports as failed is told with its code, and not looked for again", async () => {
  const failed: ReplicationStatus = { ...OTHER, status: "FAILED", failureCode: "AccessDenied" };
  const { check, find, sent } = await setUp([COMPLETE(WEST), failed]);
  await check();
  expect(await find(OTHER)).toMatchObject({ state: "failed", failureCode: "AccessDenied" });
  expect(await find(OTHER)).not.toHaveProperty("checkAt");
  expect(sent).toMatchObject([{ kind: "replica-failed", reason: expect.stringContaining("AccessDenied") }]);
});

test.each([
  ["before the notice was taken", "notice"],
  ["after it", "record"],
] as const)("a crash %s tells people when the lease ends, once", async (_, where) => {
  const failed: ReplicationStatus = { ...OTHER, status: "FAILED", failureCode: "AccessDenied" };
  const { check, pass, find, drain, failing, inventory, sent } = await setUp([COMPLETE(WEST), failed]);
  if (where === "notice") failing.notices = 1;
  else
    inventory.journal.before = ({ kind, version }) => {
      // Expected, leased, found to have failed; the next one says that people know.
      if (kind === "replica" && version === 4) throw new Error("killed");
    };
  expect(await check()).toHaveLength(1);
  inventory.journal.before = undefined;
  expect(await find(OTHER)).toMatchObject({ state: "failed", checkAt: "2026-11-16T02:06:35.000Z" });
  pass(10);
  expect(await check()).toEqual([]);
  expect(sent).toHaveLength(1);
  expect(await find(OTHER)).toMatchObject({ state: "failed", noticedAt: "2026-11-16T02:06:35.000Z" });
  pass(60);
  expect(await drain()).toEqual([]);
});

test("without a channel nobody is told, and a failed copy is done with at once", async () => {
  const { check, find, policyInForce, sent } = await setUp([COMPLETE(WEST), { ...OTHER, status: "FAILED" }]);
  policyInForce.current = { ...POLICY, notify: undefined };
  await check();
  expect(await find(OTHER)).toMatchObject({ state: "failed", version: 3 });
  expect(await find(OTHER)).not.toHaveProperty("checkAt");
  expect(sent).toEqual([]);
});

test("a message that comes twice works once", async () => {
  const { drain, deliver, inventory } = await setUp([COMPLETE(WEST)]);
  const messages = await drain();
  await deliver(messages);
  const writes = inventory.journal.writes.length;
  expect(await deliver(messages)).toEqual([]);
  expect(inventory.journal.writes.length).toBe(writes);
});

test("a copy that arrives while it is looked for stays arrived", async () => {
  const { deps, drain, deliver, find, inventory } = await setUp();
  const [west] = (await drain()).filter(({ destination }) => destination.region === WEST.region);
  inventory.journal.before = async () => {
    inventory.journal.before = undefined;
    const known = await find(WEST);
    if (!known) throw new Error("not expected");
    const { checkAt: _, ...arrived } = known;
    await deps.replicas.putReplica({ ...arrived, state: "arrived", version: known.version + 1 });
  };
  expect(await deliver([west])).toEqual([]);
  expect(await find(WEST)).toMatchObject({ state: "arrived", checks: 0, version: 3 });
});

test("an image that is gone from its source is no longer expected, and nobody is told", async () => {
  const { registry, check, stateOf, find, sent } = await setUp();
  registry.deleteImage(WEB, A);
  await check();
  expect(await stateOf(OTHER)).toBe("failed");
  expect(sent).toEqual([]);
  expect(await find(OTHER)).not.toHaveProperty("checkAt");
});

test("an unreachable registry hands the message back, and the copy comes again when its lease ends", async () => {
  const { registry, check, find, pass, drain } = await setUp();
  registry.unavailable = true;
  expect(await check()).toEqual(["message-1", "message-2"]);
  expect(await find(WEST)).toMatchObject({ state: "pending", checks: 0, version: 2 });
  pass(10);
  expect(await drain()).toMatchObject([{ version: 3 }, { version: 3 }]);
});

test("a look at something else than a copy is malformed", async () => {
  const { deliver } = await setUp();
  expect(await deliver([aDueCheck({ digest: "sha256:12" }), { ...aDueCheck(), kind: "mow" }])).toEqual([
    "message-1",
    "message-2",
  ]);
});
