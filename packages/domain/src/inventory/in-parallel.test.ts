import { expect, test } from "vitest";
import { inParallel } from "./in-parallel.ts";

test("every item is worked on, never more than the limit at a time", async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    done.push(item);
    running--;
  });
  expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});

test("after a failure no further item is taken, and what was under way has ended when it is thrown", async () => {
  const begun: number[] = [];
  let ended = 0;
  const work = async (item: number) => {
    begun.push(item);
    await new Promise(setImmediate);
    ended++;
    if (item === 2) throw new Error("item 2 failed");
  };
  await expect(inParallel([1, 2, 3, 4, 5, 6, 7, 8], 2, work)).rejects.toThrow("item 2 failed");
  expect(begun.length).toBeLessThan(8);
  expect(ended).toBe(begun.length);
});

test("a list that breaks off fails when what was under way has ended", async () => {
  let ended = 0;
  async function* broken() {
    yield 1;
    throw new Error("throttled");
  }
  const work = async () => {
    await new Promise(setImmediate);
    ended++;
  };
  await expect(inParallel(broken(), 2, work)).rejects.toThrow("throttled");
  expect(ended).toBe(1);
});
