import type { DueItem } from "@tallyman/domain/due/due-item";
import { expect, test } from "vitest";
import { aDueItem } from "../../test/builders/due.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import { memoryInventory } from "../../test/fakes/memory-inventory.ts";
import { recordedTelemetry } from "../../test/fakes/recorded-telemetry.ts";
import { createHandler } from "./handler.ts";

const TICK = { schedule: "due", execution: "run-1" };

function setUp() {
  const { due, brake } = memoryInventory();
  const telemetry = recordedTelemetry();
  const sent: DueItem[] = [];
  const clock = { now: new Date("2026-11-16T02:00:00.000Z") };
  const failing = { sends: 0 };
  const queue = {
    async send(item: DueItem) {
      if (failing.sends-- > 0) throw new Error("SQS did not answer");
      sent.push(item);
    },
  };
  const deps = { telemetry, due, brake, queue, now: () => clock.now };
  const handler = createHandler(deps);
  const tick = async (body: unknown = TICK) => {
    const answer = await handler(anSqsEvent({ body }), aLambdaContext());
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  return { due, brake, telemetry, sent, clock, failing, tick, deps };
}

test("what is due is sent, leased for ten minutes; what is not stays", async () => {
  const { due, sent, tick } = setUp();
  await due.putDue(aDueItem({ id: "now", dueAt: "2026-11-16T02:00:00.000Z" }));
  await due.putDue(aDueItem({ id: "later", dueAt: "2026-11-16T02:00:00.001Z" }));
  expect(await tick()).toEqual([]);
  expect(sent).toMatchObject([{ id: "now", version: 2, dueAt: "2026-11-16T02:10:00.000Z" }]);
  expect(await due.findDue("now")).toEqual(sent[0]);
  expect(await due.findDue("later")).toMatchObject({ version: 1 });
});

test("the next tick does not send what is leased, and sends it again when the lease ends", async () => {
  const { due, sent, clock, tick } = setUp();
  await due.putDue(aDueItem());
  await tick();
  clock.now = new Date("2026-11-16T02:09:59.999Z");
  await tick();
  expect(sent).toHaveLength(1);
  clock.now = new Date("2026-11-16T02:10:00.000Z");
  await tick();
  expect(sent.map((item) => item.version)).toEqual([2, 3]);
});

test("two drains at once send an item once", async () => {
  const { due, sent, tick } = setUp();
  for (let i = 0; i < 40; i++) await due.putDue(aDueItem({ id: `item-${i}` }));
  await Promise.all([tick(), tick()]);
  expect(new Set(sent.map((item) => item.id)).size).toBe(40);
  expect(sent).toHaveLength(40);
});

test("an item that someone else leased since it was listed is left to them", async () => {
  const { due, sent, deps } = setUp();
  const listed = aDueItem();
  await due.putDue(listed);
  await due.putDue({ ...listed, dueAt: "2026-11-16T02:10:00.000Z", version: 2 });
  const stale = {
    ...due,
    async *listDue() {
      yield listed;
    },
  };
  await createHandler({ ...deps, due: stale })(anSqsEvent({ body: TICK }), aLambdaContext());
  expect(sent).toEqual([]);
});

test("an item that could not be sent comes again when its lease ends", async () => {
  const { due, sent, clock, failing, tick } = setUp();
  await due.putDue(aDueItem());
  failing.sends = 1;
  expect(await tick()).toEqual(["message-1"]);
  clock.now = new Date("2026-11-16T02:10:00.000Z");
  expect(await tick()).toEqual([]);
  expect(sent).toHaveLength(1);
});

test("the brake is reported at every tick", async () => {
  const { brake, telemetry, tick } = setUp();
  await tick();
  await brake.putBrake({ on: false, reason: "go", by: "me", at: "2026-11-16T02:00:00.000Z", version: 1 });
  await tick();
  expect(telemetry.measurements).toEqual([
    { name: "BrakeOn", value: 1 },
    { name: "BrakeOn", value: 0 },
  ]);
});

test("another schedule's message is malformed", async () => {
  const { tick } = setUp();
  expect(await tick({ schedule: "reconcile", execution: "run-1" })).toEqual(["message-1"]);
});
