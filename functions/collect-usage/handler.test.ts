import { Notice } from "@tallyman/domain/notice/notice";
import { Policy } from "@tallyman/domain/policy/policy";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import type { UsageItem } from "@tallyman/domain/usage/evidence";
import type { CollectedPage, UsageJob } from "@tallyman/domain/usage/ports";
import { beforeEach, describe, expect, test } from "vitest";
import { HUB } from "../../test/builders/registry.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import { aSnapshot, itemsOf } from "../../test/builders/usage.ts";
import { memoryCollections } from "../../test/fakes/memory-collections.ts";
import { memoryUsage } from "../../test/fakes/memory-usage.ts";
import { recordedTelemetry } from "../../test/fakes/recorded-telemetry.ts";
import { createHandler } from "./handler.ts";

const OTHER: Registry = { account: "444455556666", region: "us-east-1" };
const SCOPE = registryName(HUB);
const FAILED = new UsageUnavailableError(HUB, { action: "ecs:ListTasks", why: "ServerException" });

/** Everything in memory; `pages`: what ECS answers, one after the other. */
function setUp(policy: object = {}) {
  const usage = memoryUsage();
  const collections = memoryCollections();
  const telemetry = recordedTelemetry();
  const jobs: UsageJob[] = [];
  const redelivered: number[] = [];
  const notices: Notice[] = [];
  const clock = { now: new Date("2026-11-22T08:00:00.000Z"), elapsed: 0 };
  const ecs = {
    pages: [] as (readonly UsageItem[])[],
    failAt: -1,
    asked: [] as (string | undefined)[],
    /** Milliseconds that a page takes. */
    takes: 1,
  };
  const collect = async (_: Registry, __: object, from?: string): Promise<CollectedPage> => {
    ecs.asked.push(from);
    clock.elapsed += ecs.takes;
    const page = Number(from ?? 0);
    if (page === ecs.failAt) throw FAILED;
    const next = page + 1 < ecs.pages.length ? { next: String(page + 1) } : {};
    return { items: ecs.pages[page] ?? [], ...next };
  };
  const parsed = Policy.parse({ version: 1, usage: policy, notify: { slack: { channel: "#registry" } } });
  const handler = createHandler({
    ...usage,
    telemetry,
    collections,
    policy: { currentPolicy: async () => parsed },
    declared: { declaredRegistries: async () => [HUB, OTHER] },
    collectors: [
      { source: "ecs", collect },
      { source: "lambda", collect: async () => ({ items: [] }) },
      { source: "inspector", collect: async () => ({ items: [] }) },
    ],
    consumersReader: {
      readPolicies: async (_, from) =>
        from === undefined
          ? { policies: { "prod/a": ["999988887777"] }, next: "1" }
          : { policies: { "prod/b": ["*"] } },
      readPullThrough: async () => [{ upstream: OTHER, prefix: "base/" }],
    },
    queue: { send: async (job) => void jobs.push(job) },
    notices: { send: async (notice) => void notices.push(Notice.parse(notice)) },
    redelivery: { after: async (_, seconds) => void redelivered.push(seconds) },
    now: () => clock.now,
    elapsed: () => clock.elapsed,
  });
  /** Whether it was done, or comes back. */
  const deliver = async (body: unknown, receiveCount = 1) => {
    const message = { body, group: "a", receiveCount };
    const { batchItemFailures } = await handler(anSqsEvent(message), aLambdaContext());
    return batchItemFailures.length === 0 ? "done" : "comes back";
  };
  return { usage, collections, telemetry, jobs, redelivered, notices, clock, ecs, deliver };
}

const collectEcs = (more: object = {}) => ({
  kind: "collect",
  source: "ecs",
  ...HUB,
  run: "run-1",
  part: 0,
  ...more,
});

let it: ReturnType<typeof setUp>;
beforeEach(() => {
  it = setUp();
});

const stateOf = (source = "ecs") => it.usage.states.findState(source, SCOPE);
const servicesInUse = () =>
  it.usage
    .uses()
    .filter(({ endedAt }) => endedAt === undefined)
    .map(({ service }) => service)
    .toSorted();

describe("the schedule", () => {
  const run = { schedule: "usage", execution: "run-1" };

  test("queues every source that the policy collects, and who may pull, for every declared registry", async () => {
    expect(await it.deliver(run)).toBe("done");
    const first = { run: "run-1", part: 0 };
    expect(it.jobs).toEqual(
      [HUB, OTHER].flatMap((registry) => [
        { kind: "collect", source: "ecs", ...registry, ...first },
        { kind: "collect", source: "lambda", ...registry, ...first },
        { kind: "consumers", ...registry, ...first },
      ]),
    );
  });

  test("leaves out what the policy switches off", async () => {
    it = setUp({ collect: { ecs: false, lambda: false, inspector: true } });
    await it.deliver(run);
    const sources = it.jobs.map((job) => (job.kind === "collect" ? job.source : job.kind));
    expect(new Set(sources)).toEqual(new Set(["inspector", "consumers"]));
  });
});

test("before everything is asked anew, what is in doubt is counted, and what was asked before is named", async () => {
  it.ecs.failAt = 0;
  await it.deliver(collectEcs());
  expect(await it.deliver({ schedule: "usage", execution: "run-2" })).toBe("done");
  expect(it.telemetry.measurements).toContainEqual({ name: "UsageScopesInDoubt", value: 4 });
  const named = it.telemetry.lines.filter(({ message }) => message === "usage in doubt");
  expect(named.map(({ metadata }) => metadata)).toMatchObject([{ source: "ecs", scope: SCOPE }]);
});

describe("a collection", () => {
  test("is one report of all its pages, in force under the scope's next number", async () => {
    it.ecs.pages = [itemsOf("a", "b"), itemsOf("c")];
    expect(await it.deliver(collectEcs())).toBe("done");
    expect(await stateOf()).toMatchObject({
      sequence: 1,
      settled: 1,
      subjects: 3,
      account: HUB.account,
      observedAt: "2026-11-22T08:00:00.000Z",
    });
    expect(servicesInUse()).toEqual(["service/a", "service/b", "service/c"]);
    it.ecs.pages = [itemsOf("a", "c")];
    await it.deliver(collectEcs({ run: "run-2" }));
    expect(await stateOf()).toMatchObject({ sequence: 2, settled: 2, subjects: 2 });
    expect(servicesInUse()).toEqual(["service/a", "service/c"]);
  });

  test("of an unchanged fleet writes nothing but the report and the state", async () => {
    it.ecs.pages = [itemsOf("a", "b", "c")];
    await it.deliver(collectEcs());
    const before = it.usage.journal.writes.length;
    await it.deliver(collectEcs({ run: "run-2" }));
    const kinds = it.usage.journal.writes.slice(before).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "usage")).toEqual([]);
    expect(kinds.filter((kind) => kind === "snapshot")).toHaveLength(1);
  });

  test("keeps a thousand tasks of one service as one item", async () => {
    const [item] = itemsOf("a");
    if (!item) throw new Error("no item");
    it.ecs.pages = Array.from({ length: 10 }, () => Array.from({ length: 100 }, () => item));
    await it.deliver(collectEcs());
    expect((await it.usage.snapshots.findSnapshot("ecs", SCOPE, 1))?.items).toEqual([item]);
  });

  test("that nobody can be asked for changes nothing, says so with its source, and is tried again", async () => {
    it.ecs.pages = [itemsOf("a"), itemsOf("b")];
    await it.deliver(collectEcs());
    it.ecs.failAt = 1;
    expect(await it.deliver(collectEcs({ run: "run-2" }))).toBe("comes back");
    expect(it.redelivered.slice(-2)).toEqual([30 + 60, 10]);
    expect(await stateOf()).toMatchObject({
      sequence: 1,
      failure: { at: "2026-11-22T08:00:00.000Z", reason: expect.stringContaining("ecs:ListTasks") },
    });
    expect(servicesInUse()).toEqual(["service/a", "service/b"]);
    it.ecs.failAt = -1;
    await it.deliver(collectEcs({ run: "run-2" }), 2);
    expect(await stateOf()).not.toHaveProperty("failure");
  });

  test("is given up after its last try, with what failed left with its source and no dead letter", async () => {
    it.ecs.failAt = 0;
    expect(await it.deliver(collectEcs(), 4)).toBe("comes back");
    expect(await it.deliver(collectEcs(), 5)).toBe("done");
    expect(await stateOf()).toMatchObject({ sequence: 0, failure: { reason: expect.any(String) } });
    expect(it.telemetry.messages("warn")).toContain("collection given up");
  });

  test("that is empty where something ran is suspect: what was in use is, and people are told", async () => {
    it.ecs.pages = [itemsOf("a", "b")];
    await it.deliver(collectEcs());
    it.ecs.pages = [[]];
    expect(await it.deliver(collectEcs({ run: "run-2" }))).toBe("done");
    expect(await stateOf()).toMatchObject({ sequence: 1, suspect: { sequence: 2, subjects: 0 } });
    expect(servicesInUse()).toEqual(["service/a", "service/b"]);
    expect(it.telemetry.messages("warn")).toContain("report suspect");
    expect(it.notices).toMatchObject([
      {
        kind: "usage-suspect",
        channel: "#registry",
        title: `Report 2 of ecs on ${SCOPE} is not believed`,
        reason: expect.stringMatching(/^it names nothing; the report in force names 2 images and tags\./),
      },
    ]);
    it.ecs.pages = [itemsOf("a", "b")];
    await it.deliver(collectEcs({ run: "run-3" }));
    expect(await stateOf()).toMatchObject({ sequence: 3 });
    expect(await stateOf()).not.toHaveProperty("suspect");
    expect(it.notices).toHaveLength(1);
  });

  test("that is as suspect as the one before it is the same news; a believed one between them makes it new", async () => {
    const collected = [["a"], [], [], ["a"], []];
    for (const [run, services] of collected.entries()) {
      it.ecs.pages = [itemsOf(...services)];
      await it.deliver(collectEcs({ run: `run-${run}` }));
    }
    const keys = it.notices.map(({ key }) => key);
    expect(keys).toEqual([1, 1, 4].map((inForce) => `usage-suspect#ecs#${SCOPE}#${inForce}`));
  });

  test("goes past numbers that workers took who died before anybody knew of it", async () => {
    for (const sequence of [1, 2, 3]) await it.usage.snapshots.putSnapshot(aSnapshot({ sequence }));
    it.ecs.pages = [itemsOf("z")];
    expect(await it.deliver(collectEcs())).toBe("done");
    expect(await stateOf()).toMatchObject({ sequence: 4 });
  });

  test.each([["of more uses than a report holds", Array.from({ length: 201 }, (_, page) => hundred(page))]])(
    "%s fails as a whole, and says what to do",
    async (_, pages) => {
      it.ecs.pages = pages;
      expect(await it.deliver(collectEcs())).toBe("comes back");
      expect(it.usage.uses()).toEqual([]);
      expect(await stateOf()).toMatchObject({
        failure: { reason: expect.stringContaining("PUT /api/v1/usage") },
      });
    },
  );

  test.each([
    ["of a registry that is not declared", collectEcs({ account: "999988887777" })],
    ["of a source that nothing collects", collectEcs({ source: "mesos" })],
    ["of no source", collectEcs({ source: "no source" })],
    ["of a part below none", collectEcs({ part: -1 })],
    ["that is nothing we know", { kind: "destroy" }],
  ])("%s is asked nothing and writes nothing", async (_, body) => {
    expect(await it.deliver(body)).toBe("comes back");
    expect(it.ecs.asked).toEqual([]);
    expect(it.usage.journal.writes).toEqual([]);
  });
});

describe("a collection that takes long", () => {
  beforeEach(() => {
    it.ecs.takes = 400_000;
    it.ecs.pages = [itemsOf("a"), itemsOf("b"), itemsOf("c"), itemsOf("d"), itemsOf("e")];
  });

  /** Delivers what was handed on, until nothing is. */
  async function goOn(): Promise<number> {
    let parts = 1;
    for (let job = it.jobs.shift(); job !== undefined; job = it.jobs.shift()) {
      expect(await it.deliver(job)).toBe("done");
      parts++;
    }
    return parts;
  }

  test("hands on what it has, and is in force when it is whole, as of its begin", async () => {
    expect(await it.deliver(collectEcs())).toBe("done");
    expect(it.jobs).toEqual([collectEcs({ part: 1, next: "2", startedAt: "2026-11-22T08:00:00.000Z" })]);
    expect(await stateOf()).toBeUndefined();
    it.clock.now = new Date("2026-11-22T08:20:00.000Z");
    expect(await goOn()).toBe(3);
    expect(await stateOf()).toMatchObject({
      sequence: 1,
      subjects: 5,
      observedAt: "2026-11-22T08:00:00.000Z",
    });
    expect(it.ecs.asked).toEqual([undefined, "1", "2", "3", "4"]);
    expect(it.collections.kept()).toEqual([]);
  });

  test("goes on where it was handed on when a worker is killed, and only there", async () => {
    await it.deliver(collectEcs());
    const [handedOn] = it.jobs.splice(0);
    it.ecs.failAt = 3;
    expect(await it.deliver(handedOn)).toBe("comes back");
    it.ecs.failAt = -1;
    it.ecs.asked.length = 0;
    expect(await it.deliver(handedOn, 2)).toBe("done");
    await goOn();
    expect(it.ecs.asked).toEqual(["2", "3", "4"]);
    expect(await stateOf()).toMatchObject({ sequence: 1, subjects: 5 });
  });

  test("whose messages come twice is in force once", async () => {
    await it.deliver(collectEcs());
    const [second] = it.jobs;
    await goOn();
    const writes = it.usage.journal.writes.length;
    expect(await it.deliver(second)).toBe("done");
    expect(it.usage.journal.writes).toHaveLength(writes);
    expect(it.jobs).toEqual([]);
  });

  test("that a later one overtook is thrown away: what is newer stays in force", async () => {
    await it.deliver(collectEcs());
    const [late] = it.jobs.splice(0);
    it.ecs.takes = 1;
    it.clock.now = new Date("2026-11-22T09:00:00.000Z");
    await it.deliver(collectEcs({ run: "run-2" }));
    it.ecs.pages = it.ecs.pages.map(() => itemsOf("old"));
    expect(await it.deliver(late)).toBe("done");
    expect(await stateOf()).toMatchObject({ sequence: 1, observedAt: "2026-11-22T09:00:00.000Z" });
    expect(servicesInUse()).not.toContain("service/old");
    expect(it.collections.kept()).toEqual([]);
  });

  test("for ever is given up", async () => {
    const last = collectEcs({ part: 23, startedAt: "2026-11-22T08:00:00.000Z" });
    await it.collections.putCollected(
      { ...HUB, source: "ecs", run: "run-1", part: 23 },
      { items: [], policies: {} },
    );
    expect(await it.deliver(last)).toBe("comes back");
    expect(it.jobs).toEqual([]);
    expect(await stateOf()).toMatchObject({ failure: { reason: expect.stringContaining("24 messages") } });
  });
});

test("who may pull is read page by page and kept as a whole, as of its begin", async () => {
  expect(await it.deliver({ kind: "consumers", ...HUB, run: "run-1", part: 0 })).toBe("done");
  expect(await it.usage.consumers.findConsumers(HUB)).toEqual({
    ...HUB,
    asOf: "2026-11-22T08:00:00.000Z",
    policies: { "prod/a": ["999988887777"], "prod/b": ["*"] },
    pullsThrough: [{ upstream: OTHER, prefix: "base/" }],
  });
});

describe("a report that somebody sent", () => {
  const apply = { kind: "apply", source: "kubernetes", scope: "eks/shop", sequence: 3, asked: "request-1" };
  const snapshot = aSnapshot({ source: "kubernetes", scope: "eks/shop", sequence: 3, items: itemsOf("a") });

  test("is brought in force; the same message again changes nothing", async () => {
    await it.usage.snapshots.putSnapshot(snapshot);
    expect(await it.deliver(apply)).toBe("done");
    expect(await it.usage.states.findState("kubernetes", "eks/shop")).toMatchObject({
      sequence: 3,
      settled: 3,
    });
    const writes = it.usage.journal.writes.length;
    expect(await it.deliver(apply)).toBe("done");
    // The report is offered once more, and there already.
    const again = it.usage.journal.writes.slice(writes).map(({ kind }) => kind);
    expect(again).toEqual(["snapshot"]);
  });

  test("and that is not there fails, until it lies among the dead letters", async () => {
    expect(await it.deliver(apply, 5)).toBe("comes back");
    expect(it.usage.journal.writes).toEqual([]);
  });
});

function hundred(page: number): readonly UsageItem[] {
  return itemsOf(...Array.from({ length: 100 }, (_, n) => `${page}-${n}`));
}
