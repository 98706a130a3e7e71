import { expect, test } from "vitest";
import { createFaults, FaultSettings } from "./create-faults.ts";

const EVENTS = { drop: 0.3, duplicate: 0.3, delay: 0.5, delayMs: 1000 };

function switchedOn(settings: object) {
  const faults = createFaults();
  faults.set(FaultSettings.parse(settings));
  return faults;
}

function times<T>(count: number, run: () => T): T[] {
  return Array.from({ length: count }, run);
}

test("nothing goes wrong until it is switched on", () => {
  const faults = createFaults();
  expect(times(100, () => faults.delivery("push"))).toEqual(times(100, () => [0]));
  expect(times(100, () => faults.failure("dynamodb:PutItem")).every((it) => it === undefined)).toBe(true);
  expect(times(100, () => faults.killsWorker("a")).some(Boolean)).toBe(false);
  expect(faults.injected()).toEqual({});
});

test("the same seed gives the same deliveries whatever else was asked in between, another seed others", () => {
  const settings = { events: EVENTS, operations: { "dynamodb:*": { rate: 0.5 } }, killWorker: { "*": 0.5 } };
  const quiet = switchedOn({ ...settings, seed: 7 });
  const busy = switchedOn({ ...settings, seed: 7 });
  const other = switchedOn({ ...settings, seed: 8 });
  const expected = times(200, () => quiet.delivery("push"));
  const meanwhile = times(200, () => {
    busy.failure("dynamodb:PutItem");
    busy.killsWorker("a");
    busy.delivery("replication");
    return busy.delivery("push");
  });
  expect(meanwhile).toEqual(expected);
  expect(times(200, () => other.delivery("push"))).not.toEqual(expected);
});

test("what was injected is counted, and counted anew from the next setting on", () => {
  const faults = switchedOn({ events: EVENTS, operations: { "sqs:SendMessage": { times: 2 } } });
  const deliveries = times(500, () => faults.delivery("push"));
  times(5, () => faults.failure("sqs:SendMessage"));
  expect(faults.injected()).toEqual({
    "events:drop": deliveries.filter((it) => it.length === 0).length,
    "events:duplicate": deliveries.filter((it) => it.length === 2).length,
    "events:delay": deliveries.flat().filter((it) => it > 0).length,
    "sqs:SendMessage": 2,
  });
  faults.set(FaultSettings.parse({}));
  expect(faults.injected()).toEqual({});
});

test("a rate is met, and `times` ends a fault", () => {
  const faults = switchedOn({ operations: { "ecr:*": { rate: 0.25 }, "ecr:DescribeImages": { times: 3 } } });
  const failed = times(4000, () => faults.failure("ecr:BatchGetImage")).filter(Boolean).length;
  expect(failed).toBeGreaterThan(850);
  expect(failed).toBeLessThan(1150);
  expect(times(10, () => faults.failure("ecr:DescribeImages")).filter(Boolean)).toHaveLength(3);
});

test("`after` lets so many calls pass first", () => {
  const faults = switchedOn({ operations: { "dynamodb:PutItem": { after: 2, times: 1 } } });
  const failed = times(5, () => faults.failure("dynamodb:PutItem") !== undefined);
  expect(failed).toEqual([false, false, true, false, false]);
});
