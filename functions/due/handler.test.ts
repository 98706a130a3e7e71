import type { DueCheck } from "@tallyman/domain/replication/due-check";
import { RELEASED_AT_ONCE } from "@tallyman/domain/replication/release-checks";
import { expect, test } from "vitest";
import { aReplicaRecord } from "../../test/builders/records.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import { memoryInventory } from "../../test/fakes/memory-inventory.ts";
import { recordedTelemetry } from "../../test/fakes/recorded-telemetry.ts";
import { createHandler } from "./handler.ts";

const TICK = { schedule: "due", execution: "run-1" };
const NOW = "2026-11-16T02:00:00.000Z";
const LEASE_ENDS = "2026-11-16T02:10:00.000Z";

const expected = (tag: string, checkAt = NOW) => aReplicaRecord({ tag, checkAt });

function setUp() {
  const { replicas, brake, journal } = memoryInventory();
  const telemetry = recordedTelemetry();
  const sent: DueCheck[] = [];
  const clock = { now: new Date(NOW) };
  const failing = { sends: 0 };
  const queue = {
    async send(check: DueCheck) {
      if (failing.sends-- > 0) throw new Error("SQS did not answer");
      sent.push(check);
    },
  };
  const deps = { telemetry, replicas, brake, queue, now: () => clock.now };
  const handler = createHandler(deps);
  const tick = async (body: unknown = TICK) => {
    const answer = await handler(anSqsEvent({ body }), aLambdaContext());
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  return { replicas, brake, journal, telemetry, sent, clock, failing, tick, deps };
}

test("a copy that is due is sent by key and version, leased for ten minutes; one that is not stays", async () => {
  const { replicas, sent, tick } = setUp();
  await replicas.putReplica(expected("now"));
  await replicas.putReplica(expected("later", "2026-11-16T02:00:00.001Z"));
  expect(await tick()).toEqual([]);
  const { destination, repository, digest, tag } = expected("now");
  expect(sent).toEqual([{ destination, repository, digest, tag, version: 2 }]);
  expect(await replicas.findReplica(expected("now"))).toEqual({
    ...expected("now", LEASE_ENDS),
    version: 2,
  });
  expect(await replicas.findReplica(expected("later"))).toMatchObject({ version: 1 });
});

test("the next tick does not send what is leased, and sends it again when the lease ends", async () => {
  const { replicas, sent, clock, tick } = setUp();
  await replicas.putReplica(expected("1.0.0"));
  await tick();
  clock.now = new Date("2026-11-16T02:09:59.999Z");
  await tick();
  expect(sent).toHaveLength(1);
  clock.now = new Date(LEASE_ENDS);
  await tick();
  expect(sent.map((check) => check.version)).toEqual([2, 3]);
});

test("two drains at once send a copy once", async () => {
  const { replicas, sent, tick } = setUp();
  for (let i = 0; i < 40; i++) await replicas.putReplica(expected(`1.0.${i}`));
  expect(await Promise.all([tick(), tick()])).toEqual([[], []]);
  expect(new Set(sent.map((check) => check.tag)).size).toBe(40);
  expect(sent).toHaveLength(40);
});

test("a copy that arrived since it was listed is left alone", async () => {
  const { replicas, sent, deps } = setUp();
  const listed = expected("1.0.0");
  await replicas.putReplica(listed);
  await replicas.putReplica({ ...listed, state: "arrived", arrivedAt: NOW, version: 2 });
  const stale = {
    ...replicas,
    async *listDue() {
      yield listed;
    },
  };
  const drain = createHandler({ ...deps, replicas: stale });
  expect(await drain(anSqsEvent({ body: TICK }), aLambdaContext())).toEqual({ batchItemFailures: [] });
  expect(sent).toEqual([]);
  expect(await replicas.findReplica(listed)).toMatchObject({ state: "arrived", version: 2 });
});

test("a copy whose check could not be sent comes again when its lease ends", async () => {
  const { replicas, sent, clock, failing, tick } = setUp();
  await replicas.putReplica(expected("1.0.0"));
  failing.sends = 1;
  expect(await tick()).toEqual(["message-1"]);
  clock.now = new Date(LEASE_ENDS);
  expect(await tick()).toEqual([]);
  expect(sent).toHaveLength(1);
});

test("a tick sends so many at most, and the next one goes on", async () => {
  const { replicas, sent, journal, tick } = setUp();
  for (let i = 0; i < RELEASED_AT_ONCE + 3; i++) await replicas.putReplica(expected(`1.0.${i}`));
  const writes = journal.writes.length;
  await tick();
  expect(sent).toHaveLength(RELEASED_AT_ONCE);
  expect(journal.writes).toHaveLength(writes + RELEASED_AT_ONCE);
  await tick();
  expect(new Set(sent.map((check) => check.tag)).size).toBe(RELEASED_AT_ONCE + 3);
});

test("the brake is reported at every tick", async () => {
  const { brake, telemetry, tick } = setUp();
  await tick();
  await brake.putBrake({ on: false, reason: "go", by: "me", at: NOW, version: 1 });
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
