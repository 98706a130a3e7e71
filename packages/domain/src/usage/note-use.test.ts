import { beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { HUB } from "../../../../test/builders/registry.ts";
import { imageUri } from "../../../../test/builders/usage.ts";
import { type MemoryUsage, memoryUsage } from "../../../../test/fakes/memory-usage.ts";
import type { TaskStateEvent } from "../event/task-state.ts";
import { isInForce } from "./in-force.ts";
import { noteUse } from "./note-use.ts";

const START = Date.parse("2026-11-22T08:00:00.000Z");
const at = (minutes: number) => new Date(START + minutes * 60_000);
const A = aDigest("A");

let stores: MemoryUsage;
beforeEach(() => {
  stores = memoryUsage();
});

function anEvent(minutes: number, overrides: Partial<TaskStateEvent> = {}): TaskStateEvent {
  return {
    id: "event",
    time: at(minutes).toISOString(),
    ...HUB,
    cluster: "prod",
    service: "service/web",
    status: "RUNNING",
    containers: [{ image: imageUri("team/app", ":latest"), digest: A }],
    ...overrides,
  };
}

function note(event: TaskStateEvent, now = new Date(event.time)): Promise<number> {
  return noteUse(stores.usage, event, { now, keepDays: 10 });
}

describe("a task that starts", () => {
  test("is a use of each of its images by its service", async () => {
    const containers = [
      { image: imageUri("team/app", ":latest"), digest: A },
      { image: imageUri("team/proxy", `@${aDigest("index")}`), digest: aDigest("platform") },
      { image: "public.ecr.aws/ecs/guard:1", digest: aDigest("guard") },
      { image: imageUri("team/unresolved", ":latest") },
    ];
    expect(await note(anEvent(0, { containers }))).toBe(3);
    expect(stores.uses().map(({ subject }) => subject)).toEqual(
      expect.arrayContaining([A, aDigest("index"), aDigest("platform")].map((digest) => ({ digest }))),
    );
    expect(stores.uses().find(({ subject }) => "digest" in subject && subject.digest === A)).toEqual({
      subject: { digest: A },
      source: "ecs-events",
      scope: "111122223333/us-east-1",
      account: "111122223333",
      region: "us-east-1",
      cluster: "prod",
      service: "service/web",
      kinds: ["running"],
      image: imageUri("team/app", ":latest"),
      firstSeen: at(0).toISOString(),
      seenAt: at(0).toISOString(),
      forgetAt: at(10 * 24 * 60).toISOString(),
      version: 1,
    });
  });

  test("with ten thousand others within any hour costs two writes", async () => {
    for (let task = 0; task < 10_000; task++) await note(anEvent((task * 600) / 10_000));
    const times = stores.uses().map(({ version }) => version);
    // Ten hours: one every 40 minutes.
    expect(times).toEqual([15]);
    expect(stores.journal.writes).toHaveLength(15);
  });

  test("with others at the same moment is written once", async () => {
    const workers = Array.from({ length: 20 }, () => note(anEvent(0)));
    expect((await Promise.all(workers)).reduce((sum, one) => sum + one)).toBe(1);
  });
});

test("an event that comes late changes nothing that is known, and counts as of when it was", async () => {
  await note(anEvent(300));
  expect(await note(anEvent(0), at(301))).toBe(0);
  expect(await note(anEvent(0, { service: "service/old" }), at(301))).toBe(1);
  expect(stores.uses().map(({ seenAt }) => seenAt)).toEqual(
    expect.arrayContaining([at(300).toISOString(), at(0).toISOString()]),
  );
});

test("an event from the future counts as of now", async () => {
  await note(anEvent(60 * 24 * 365), at(0));
  expect(stores.uses()[0]?.seenAt).toBe(at(0).toISOString());
});

test("a task that stops is a use until a day after, whenever that was written", async () => {
  await note(anEvent(0));
  // Not written: what is known is 39 minutes old.
  expect(await note(anEvent(39, { status: "STOPPED" }))).toBe(0);
  const [record] = stores.uses();
  if (!record) throw new Error("nothing was noted");
  const inForceAt = (minutes: number) => isInForce(record, at(minutes), 24);
  expect(inForceAt(39 + 24 * 60)).toBe(true);
  expect(inForceAt(40 + 24 * 60)).toBe(true);
  expect(inForceAt(41 + 24 * 60)).toBe(false);
});
