import { expect, test } from "vitest";
import { LoadCounter } from "./load.ts";

const EAST = { account: "111122223333", region: "us-east-1" };
const WEST = { account: "111122223333", region: "us-west-2" };

test("counts what is under way by account and Region, and the most there was", async () => {
  const load = new LoadCounter();
  const gates = [EAST, EAST, WEST].map((registry) => {
    const gate = Promise.withResolvers<void>();
    return { gate, done: load.during(registry, () => gate.promise) };
  });
  expect(load.show()).toEqual([
    { ...EAST, inFlight: 2, peak: 2 },
    { ...WEST, inFlight: 1, peak: 1 },
  ]);
  gates[0]?.gate.resolve();
  await gates[0]?.done;
  expect(load.show()[0]).toEqual({ ...EAST, inFlight: 1, peak: 2 });
  for (const { gate, done } of gates) {
    gate.resolve();
    await done;
  }
  expect(load.show().map(({ inFlight }) => inFlight)).toEqual([0, 0]);
});

test("a call that fails is over, too", async () => {
  const load = new LoadCounter();
  const failing = load.during(EAST, () => Promise.reject(new Error("no such luck")));
  await expect(failing).rejects.toThrow("no such luck");
  expect(load.show()).toEqual([{ ...EAST, inFlight: 0, peak: 1 }]);
});

test("forgets its peaks, and not what is under way", async () => {
  const load = new LoadCounter();
  await load.during(WEST, async () => undefined);
  const gate = Promise.withResolvers<void>();
  const done = load.during(EAST, () => gate.promise);
  await load.during(EAST, async () => undefined);
  load.forgetPeaks();
  expect(load.show()).toEqual([{ ...EAST, inFlight: 1, peak: 1 }]);
  gate.resolve();
  await done;
});
