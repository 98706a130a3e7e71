import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createClock } from "../clock/create-clock.ts";
import { createTimers } from "../clock/timers.ts";
import type { Message } from "./message.ts";
import type { Queue } from "./queue.ts";
import { createQueues, type QueueSet } from "./queue-set.ts";
import { type QueueSettings, queueDefaults } from "./queue-settings.ts";

const place = { account: "111122223333", region: "us-east-1" };

function settings(name: string, overrides: Partial<QueueSettings> = {}): QueueSettings {
  const arn = `arn:aws:sqs:us-east-1:111122223333:${name}`;
  return { ...queueDefaults, ...place, name, arn, fifo: name.endsWith(".fifo"), ...overrides };
}

/** Queues by a clock that stands still until it is advanced. */
function world(...queues: readonly QueueSettings[]) {
  let wall = Date.UTC(2026, 10, 21);
  const clock = createClock(() => wall);
  const timers = createTimers(clock);
  const set = createQueues(queues, { timers, now: () => clock.now().getTime() });
  return {
    clock,
    set,
    advance(seconds: number) {
      wall += seconds * 1000;
    },
    queue: (name: string) => find(set, name),
  };
}

function find(set: QueueSet, name: string): Queue {
  const queue = set.all().find((one) => one.settings.name === name);
  if (!queue) throw new Error(`no queue ${name}`);
  return queue;
}

const bodies = (messages: readonly Message[]) => messages.map((message) => message.body);
const receiptOf = (message: Message | undefined) => message?.receipt ?? "";

describe("a standard queue", () => {
  test("hides a received message for the visibility timeout and hands it out again afterwards", async () => {
    const { queue, advance } = world(settings("Q", { visibilityTimeout: 30 }));
    const q = queue("Q");
    q.send({ body: "a", senderId: "s" });
    expect(bodies(await q.receive({ max: 10 }))).toEqual(["a"]);
    advance(29.999);
    expect(await q.receive({ max: 10 })).toEqual([]);
    advance(0.001);
    const [again] = await q.receive({ max: 10 });
    expect(again).toMatchObject({ body: "a", receiveCount: 2 });
  });

  test("deletes with the newest receipt only", async () => {
    const { queue, advance } = world(settings("Q"));
    const q = queue("Q");
    q.send({ body: "a", senderId: "s" });
    const [first] = await q.receive({ max: 1 });
    advance(30);
    const [second] = await q.receive({ max: 1 });
    expect(q.delete(receiptOf(first))).toBe("expired");
    expect(q.delete(receiptOf(second))).toBe("done");
    expect(q.delete(receiptOf(second))).toBe("gone");
    expect(q.delete("rubbish")).toBe("invalid");
    expect(q.messages()).toEqual([]);
  });

  test("holds a delayed message back", async () => {
    const { queue, advance } = world(settings("Q"));
    const q = queue("Q");
    q.send({ body: "later", senderId: "s", delay: 900 });
    advance(899);
    expect(q.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    expect(await q.receive({ max: 1 })).toEqual([]);
    advance(1);
    expect(bodies(await q.receive({ max: 1 }))).toEqual(["later"]);
  });

  test("changes the visibility of what is in flight, and of nothing else", async () => {
    const { queue, advance } = world(settings("Q"));
    const q = queue("Q");
    q.send({ body: "a", senderId: "s" });
    const [message] = await q.receive({ max: 1 });
    expect(q.changeVisibility(receiptOf(message), 0)).toBe("done");
    expect(q.changeVisibility(receiptOf(message), 10)).toBe("expired");
    expect(bodies(await q.receive({ max: 1 }))).toEqual(["a"]);
    advance(31);
  });

  test("forgets a message after its retention", async () => {
    const { queue, advance } = world(settings("Q", { retention: 60 }));
    const q = queue("Q");
    q.send({ body: "a", senderId: "s" });
    advance(61);
    expect(await q.receive({ max: 1 })).toEqual([]);
    expect(q.messages()).toEqual([]);
  });

  test("gives a message up after maxReceiveCount receives, with its id and where it came from", async () => {
    const dead = settings("Dead");
    const { queue, advance } = world(
      settings("Q", { redrive: { deadLetterTarget: dead.arn, maxReceiveCount: 2 } }),
      dead,
    );
    const q = queue("Q");
    const sent = q.send({ body: "poison", senderId: "s" });
    for (let round = 0; round < 2; round += 1) {
      expect(bodies(await q.receive({ max: 1 }))).toEqual(["poison"]);
      advance(30);
    }
    expect(await q.receive({ max: 1 })).toEqual([]);
    const [message] = await queue("Dead").receive({ max: 1 });
    expect(message).toMatchObject({ id: sent.id, body: "poison", deadLetterSource: q.settings.arn });
  });

  test("lets a long poll end when a message comes, and when its receiver goes", async () => {
    const { queue } = world(settings("Q"));
    const q = queue("Q");
    const waiting = q.receive({ max: 1, wait: 20 });
    q.send({ body: "a", senderId: "s" });
    expect(bodies(await waiting)).toEqual(["a"]);
    const gone = new AbortController();
    const abandoned = q.receive({ max: 1, wait: 20, signal: gone.signal });
    gone.abort();
    expect(await abandoned).toEqual([]);
    q.send({ body: "b", senderId: "s" });
    expect(bodies(await q.receive({ max: 1 }))).toEqual(["b"]);
  });

  test("wakes a long poll when the clock is set past a visibility timeout, and not because it is set back", async () => {
    const { queue, clock } = world(settings("Q", { visibilityTimeout: 30 }));
    const q = queue("Q");
    q.send({ body: "a", senderId: "s" });
    await q.receive({ max: 1 });
    const waiting = q.receive({ max: 1, wait: 3600 });
    clock.set(new Date(clock.now().getTime() - 30 * 86_400_000));
    clock.set(new Date(clock.now().getTime() + 30_000));
    expect(bodies(await waiting)).toEqual(["a"]);
  });
});

describe("a FIFO queue", () => {
  test("answers a duplicate within five minutes with the first message, also after that was deleted", async () => {
    const { queue, advance } = world(settings("Q.fifo", { contentBasedDeduplication: true }));
    const q = queue("Q.fifo");
    const first = q.send({ body: "a", group: "g", senderId: "s" });
    const [received] = await q.receive({ max: 1 });
    q.delete(receiptOf(received));
    advance(299);
    expect(q.send({ body: "a", group: "g", senderId: "s" }).id).toBe(first.id);
    expect(await q.receive({ max: 1 })).toEqual([]);
    advance(1);
    expect(q.send({ body: "a", group: "g", senderId: "s" }).id).not.toBe(first.id);
  });

  test.each([
    ["queue", 1],
    ["messageGroup", 2],
  ] as const)(
    "whose deduplication is that of each %s takes an id in two groups %i time(s)",
    (scope, taken) => {
      const { queue } = world(settings("Q.fifo", { deduplicationScope: scope }));
      const q = queue("Q.fifo");
      for (const group of ["g", "h", "g"]) q.send({ body: "a", group, deduplicationId: "1", senderId: "s" });
      expect(q.messages()).toHaveLength(taken);
    },
  );

  test("holds every message back for its own delay, while repetitions of it are dropped", async () => {
    const { queue, advance } = world(settings("Q.fifo", { delay: 60 }));
    const q = queue("Q.fifo");
    q.send({ body: "a", group: "g", deduplicationId: "1", senderId: "s" });
    advance(44);
    q.send({ body: "again", group: "g", deduplicationId: "1", senderId: "s" });
    q.send({ body: "b", group: "g", deduplicationId: "2", senderId: "s" });
    expect(q.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 2 });
    advance(15);
    expect(await q.receive({ max: 10 })).toEqual([]);
    advance(1);
    expect(bodies(await q.receive({ max: 10 }))).toEqual(["a"]);
  });

  test.each([
    ["purged, remembers what it accepted", "purge", 0],
    ["reset, is as new", "reset", 1],
  ] as const)("that is %s", (_, empty, taken) => {
    const { queue } = world(settings("Q.fifo"));
    const q = queue("Q.fifo");
    const send = () => q.send({ body: "a", group: "g", deduplicationId: "1", senderId: "s" });
    send();
    q[empty]();
    send();
    expect(q.messages()).toHaveLength(taken);
  });

  test("refuses a receipt whose visibility timeout has ended", async () => {
    const { queue, advance } = world(settings("Q.fifo"));
    const q = queue("Q.fifo");
    q.send({ body: "a", group: "g", deduplicationId: "1", senderId: "s" });
    const [message] = await q.receive({ max: 1 });
    advance(30);
    expect(q.delete(receiptOf(message))).toBe("expired");
    expect(q.messages()).toHaveLength(1);
  });

  test("keeps the order of a group on the way into the dead-letter queue", async () => {
    const dead = settings("Dead.fifo");
    const redrive = { deadLetterTarget: dead.arn, maxReceiveCount: 1 };
    const { queue, advance } = world(settings("Q.fifo", { redrive }), dead);
    for (const body of ["a", "b", "c"])
      queue("Q.fifo").send({ body, group: "g", deduplicationId: body, senderId: "s" });
    await queue("Q.fifo").receive({ max: 2 });
    advance(30);
    expect(bodies(await queue("Q.fifo").receive({ max: 10 }))).toEqual(["c"]);
    expect(bodies(await queue("Dead.fifo").receive({ max: 10 }))).toEqual(["a", "b"]);
  });

  type Step =
    | { readonly do: "send"; readonly group: string }
    | { readonly do: "receive"; readonly max: number }
    | { readonly do: "delete" | "release"; readonly which: number }
    | { readonly do: "advance"; readonly seconds: number };

  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ do: fc.constant("send" as const), group: fc.constantFrom("x", "y") }),
    fc.record({ do: fc.constant("receive" as const), max: fc.integer({ min: 1, max: 10 }) }),
    fc.record({ do: fc.constantFrom("delete" as const, "release" as const), which: fc.nat(9) }),
    fc.record({ do: fc.constant("advance" as const), seconds: fc.integer({ min: 1, max: 40 }) }),
  );

  test("never hands out a group's message before an earlier one is settled, and loses none", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const { queue, advance, set } = world(settings("Q.fifo"));
        const q = queue("Q.fifo");
        const open = new Map<string, number[]>();
        const inFlight = new Map<string, Message>();
        const hiddenUntil = new Map<string, number>();
        let sent = 0;
        let time = 0;
        const run = async (one: Step) => {
          if (one.do === "send") {
            sent += 1;
            q.send({ body: String(sent), group: one.group, deduplicationId: String(sent), senderId: "s" });
            open.set(one.group, [...(open.get(one.group) ?? []), sent]);
          } else if (one.do === "receive") {
            const received = await q.receive({ max: one.max });
            for (const group of new Set(received.map((message) => message.group ?? ""))) {
              const numbers = received.filter((m) => m.group === group).map((m) => Number(m.body));
              expect(numbers).toEqual(open.get(group)?.slice(0, numbers.length));
            }
            for (const message of received) {
              const others = [...inFlight.values()].filter((other) => other.group === message.group);
              const held = others.filter((other) => (hiddenUntil.get(other.id) ?? 0) > time);
              expect(held, "the group was in flight").toEqual([]);
            }
            for (const message of received) {
              inFlight.set(message.id, message);
              hiddenUntil.set(message.id, time + 30);
            }
          } else if (one.do === "advance") {
            advance(one.seconds);
            time += one.seconds;
          } else {
            const message = [...inFlight.values()][one.which % Math.max(inFlight.size, 1)];
            if (!message) return;
            inFlight.delete(message.id);
            const outcome =
              one.do === "delete" ? q.delete(receiptOf(message)) : q.changeVisibility(receiptOf(message), 0);
            const group = message.group ?? "";
            if (one.do === "delete" && outcome === "done")
              open.set(
                group,
                (open.get(group) ?? []).filter((n) => n !== Number(message.body)),
              );
          }
        };
        for (const one of steps) await run(one);
        const left = [...open.values()].flat().toSorted((a, b) => a - b);
        expect(
          q
            .messages()
            .map((message) => Number(message.body))
            .toSorted((a, b) => a - b),
        ).toEqual(left);
        set.stop();
      }),
      { numRuns: 300 },
    );
  });
});

describe("queues that do not fit together", () => {
  test.each([
    [
      "a dead-letter queue that is missing",
      settings("Q", { redrive: { deadLetterTarget: "arn:x", maxReceiveCount: 1 } }),
    ],
    [
      "a standard dead-letter queue for FIFO",
      settings("Q.fifo", { redrive: { deadLetterTarget: settings("D").arn, maxReceiveCount: 1 } }),
    ],
  ])("refuses %s", (_name, queue) => {
    expect(() => world(queue, settings("D"))).toThrow(/dead-letter queue/);
  });
});
