import * as fc from "fast-check";
import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import { memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { memoryNotices } from "../../../../test/fakes/memory-notices.ts";
import { memoryRegistry } from "../../../../test/fakes/memory-registry.ts";
import type { ReplicaRecord } from "../inventory/records.ts";
import { checkReplica } from "./check-replica.ts";
import type { DueCheck } from "./due-check.ts";
import { expectCopies } from "./expect-copies.ts";
import { recordArrival, recordFailure } from "./record-arrival.ts";
import { releaseChecks } from "./release-checks.ts";
import { tellReplica } from "./tell-replica.ts";

// Pushes, events of copies, drains and looks at once: every registry read, item write and message is a point at which the
// others may go first or the worker is killed. Messages of ECR come again until they are handled; a drain or a look that is
// killed is not repeated.

const WEST = { ...HUB, region: "us-west-2" };
const SOURCE = aRepository("prod/web");
const COPY = aRepository("prod/web", WEST);
const SUBJECT = { digest: aDigest("A"), tag: "1.4.2" };
const KEY = { destination: WEST, repository: "prod/web", ...SUBJECT };
const RULES = [{ destinations: [WEST], prefixes: [] }];
const START = Date.parse("2026-11-21T12:00:00.000Z");
const MINUTE = 60_000;
const channel = "#registry";

/** `copied`, `fails`: no event tells of it. */
const ACTIONS = ["copied", "arrival", "fails", "failure", "drain", "drain", "drain", "half an hour"] as const;
type Action = (typeof ACTIONS)[number] | "push";

function newWorld(scheduler: fc.Scheduler, kills: ReadonlySet<number>) {
  const registry = memoryRegistry();
  const inventory = memoryInventory();
  const { sent, ...notices } = memoryNotices();
  const clock = { now: START };
  const time = () => new Date(clock.now);
  let steps = 0;
  const calm = { now: false };
  const pause = async (label: string) => {
    if (calm.now) return;
    await scheduler.schedule(Promise.resolve(), label);
    if (kills.has(++steps)) throw new Error("killed");
  };
  registry.beforeRead = pause;
  inventory.journal.before = ({ kind, version }) => pause(`${kind} ${version}`);
  registry.push(SOURCE, { digest: SUBJECT.digest, tags: [SUBJECT.tag] });
  const { replicas } = inventory;
  const deps = {
    replicas,
    registry,
    replication: registry,
    notices: {
      async send(notice: Parameters<typeof notices.send>[0]) {
        await pause("notice");
        await notices.send(notice);
        await pause("notice taken");
      },
    },
  };
  return { scheduler, pause, registry, deps, sent, clock, time, calm };
}
type World = ReturnType<typeof newWorld>;

/** Delivers a message until it is handled, or so often; a worker that loses five races fails like one that is killed. */
async function deliver(work: () => Promise<unknown>, times = 100): Promise<void> {
  for (let delivery = 1; delivery <= times; delivery++) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof Error && /killed|written by someone else/.test(error.message))) throw error;
    }
  }
}

async function drain({ deps, time, pause }: World): Promise<void> {
  const looks: Promise<void>[] = [];
  const look = (check: DueCheck) =>
    checkReplica(deps, { check, declared: [HUB, WEST], channel, now: time() });
  const send = async (check: DueCheck) => {
    await pause("check");
    looks.push(deliver(() => look(check), 1));
  };
  await deliver(() => releaseChecks({ replicas: deps.replicas, queue: { send } }, time()), 1);
  await Promise.all(looks);
}

async function act(world: World, action: Action): Promise<void> {
  const { deps, registry, clock, time } = world;
  const copy = () => ({ source: HUB, repository: COPY, ...SUBJECT, now: time() });
  if (action === "push") {
    const push = { repository: SOURCE, ...SUBJECT, expectedAt: new Date(START).toISOString(), rules: RULES };
    await deliver(() => expectCopies(deps, { ...push, now: time() }));
  }
  if (action === "drain") await drain(world);
  if (action === "half an hour") clock.now += 30 * MINUTE;
  if (action === "fails" || action === "failure")
    registry.setReplicationStatus(SUBJECT.digest, [{ ...WEST, status: "FAILED" }]);
  if (action === "failure") {
    await deliver(async () => {
      const { replica } = await recordFailure(deps.replicas, copy());
      await tellReplica(deps, { replica, reason: "the event said so", channel, now: time() });
    });
  }
  if (action === "copied" || action === "arrival")
    registry.push(COPY, { digest: SUBJECT.digest, tags: [SUBJECT.tag] });
  if (action === "arrival") await deliver(() => recordArrival(deps.replicas, copy()));
}

/** The actions of each phase at once, five minutes after those of the one before. */
async function run(world: World, phases: readonly (readonly Action[])[]): Promise<void> {
  for (const actions of phases) {
    const workers = actions.map(async (action) => {
      await world.scheduler.schedule(Promise.resolve(), action);
      await act(world, action);
    });
    await world.scheduler.waitFor(Promise.all(workers));
    world.clock.now += 5 * MINUTE;
  }
}

/** Nothing goes wrong any more, until nobody looks for the copy, at the latest when nobody should. */
async function settle(world: World): Promise<ReplicaRecord | undefined> {
  world.calm.now = true;
  const over = world.clock.now + 26 * 60 * MINUTE;
  for (;;) {
    const replica = await world.deps.replicas.findReplica(KEY);
    if (replica?.checkAt === undefined || world.clock.now > over) return replica;
    world.clock.now += 10 * MINUTE;
    await drain(world);
  }
}

const PHASES = fc.array(fc.array(fc.constantFrom<Action>(...ACTIONS), { maxLength: 3 }), { maxLength: 5 });
const KILLS = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });

test("in every interleaving of workers that are killed, a copy is settled in the end as it is, and people know", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), PHASES, KILLS, async (scheduler, [first = [], ...later], kills) => {
      const world = newWorld(scheduler, new Set(kills));
      await run(world, [["push", ...first], ...later]);
      const replica = await settle(world);

      const { registry, sent } = world;
      const isThere = (await registry.findImage(COPY, { digest: SUBJECT.digest })) !== undefined;
      const [status] = await registry.replicationStatus(SOURCE, SUBJECT.digest);
      expect(replica).not.toHaveProperty("checkAt");
      if (!status) expect(replica?.state).toBe(isThere ? "arrived" : "overdue");
      else expect(isThere ? ["arrived", "failed"] : ["failed"]).toContain(replica?.state);
      if (replica?.state !== "arrived") {
        expect(replica).toHaveProperty("noticedAt");
        expect(sent.map(({ kind }) => kind)).toContain(`replica-${replica?.state}`);
      }
      expect(sent.filter(({ kind }) => kind === "replica-overdue").length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 400 },
  );
});
