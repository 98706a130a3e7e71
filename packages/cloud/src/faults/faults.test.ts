import { describe, expect, test } from "vitest";
import { createFaults, FaultSettings } from "./create-faults.ts";

const switched = (settings: object) => {
  const faults = createFaults();
  faults.set(FaultSettings.parse(settings));
  return faults;
};
const rateOf = (count: number, happens: () => boolean) =>
  Array.from({ length: count }, happens).filter(Boolean).length / count;

describe("faults", () => {
  test("are off until they are switched on", () => {
    const faults = createFaults();
    expect(faults.failure("dynamodb:PutItem")).toBeUndefined();
    expect(faults.delivery("Any")).toEqual([0]);
    expect(faults.killsWorker("F")).toBe(false);
  });

  test("fail the named operation with what was asked for, and no other", () => {
    const faults = switched({
      operations: { "slack:chat.postMessage": { status: 429, code: "ratelimited", retryAfter: 3 } },
    });
    expect(faults.failure("slack:chat.postMessage")).toEqual({
      status: 429,
      code: "ratelimited",
      retryAfter: 3,
    });
    expect(faults.failure("slack:chat.update")).toBeUndefined();
  });

  test("fail every operation of a service by a star", () => {
    expect(switched({ operations: { "sqs:*": {} } }).failure("sqs:SendMessage")).toMatchObject({
      status: 400,
    });
  });

  test("end after the given number of failures", () => {
    const faults = switched({ operations: { "ecr:PutImage": { times: 2 } } });
    const outcomes = [1, 2, 3].map(() => faults.failure("ecr:PutImage") !== undefined);
    expect(outcomes).toEqual([true, true, false]);
  });

  test("happen at about their rate, and the same way for the same seed", () => {
    const settings = { operations: { "a:b": { rate: 0.3 } }, seed: 7 };
    const run = () => {
      const faults = switched(settings);
      return Array.from({ length: 2000 }, () => faults.failure("a:b") !== undefined);
    };
    expect(run()).toEqual(run());
    const rate = run().filter(Boolean).length / 2000;
    expect(rate).toBeGreaterThan(0.27);
    expect(rate).toBeLessThan(0.33);
  });

  test("drop, duplicate and delay events", () => {
    const faults = switched({ events: { drop: 0.2, duplicate: 0.3, delay: 0.5, delayMs: 100 } });
    const deliveries = Array.from({ length: 2000 }, () => faults.delivery("Any"));
    const share = (test: (delays: readonly number[]) => boolean) => deliveries.filter(test).length / 2000;
    expect(share((delays) => delays.length === 0)).toBeCloseTo(0.2, 1);
    expect(share((delays) => delays.length === 2)).toBeCloseTo(0.8 * 0.3, 1);
    expect(deliveries.flat().every((delay) => delay >= 0 && delay <= 100)).toBe(true);
    expect(rateOf(1, () => deliveries.flat().some((delay) => delay > 0))).toBe(1);
  });

  test("kill workers of a function, or of any", () => {
    expect(switched({ killWorker: { F: 1 } }).killsWorker("F")).toBe(true);
    expect(switched({ killWorker: { F: 1 } }).killsWorker("G")).toBe(false);
    expect(switched({ killWorker: { "*": 1 } }).killsWorker("G")).toBe(true);
  });

  test.each([
    { operations: { PutItem: {} } },
    { operations: { "a:b": { rate: 2 } } },
    { operations: { "a:b": { status: 200 } } },
    { events: { drop: -1 } },
    { unknown: 1 },
  ])("refuse %j", (settings) => {
    expect(FaultSettings.safeParse(settings).success).toBe(false);
  });
});
