import { expect, test } from "vitest";
import { inOrder } from "./in-order.ts";

test("what is said comes in the items' order, a few of them looked at at once, each once", async () => {
  const items = Array.from({ length: 20 }, (_, i) => i);
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const waiting = new Map<number, () => void>();
  const said: number[] = [];
  const all = (async () => {
    for await (const it of inOrder(items, async (item) => {
      begun.push(item);
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => waiting.set(item, resolve));
      running--;
      return [item, item];
    }))
      said.push(it);
  })();
  // The last of those under way always ends first.
  while (said.length < 40) {
    const last = Math.max(...waiting.keys());
    if (waiting.size > 0) {
      waiting.get(last)?.();
      waiting.delete(last);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await all;
  expect(said).toEqual(items.flatMap((item) => [item, item]));
  expect(begun.toSorted((a, b) => a - b)).toEqual(items);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(6);
});

test("a failure is thrown in its turn, after what came before it", async () => {
  const said: number[] = [];
  const failing = async () => {
    for await (const it of inOrder([1, 2, 3], async (item) => {
      if (item === 2) throw new Error("no");
      return [item];
    }))
      said.push(it);
  };
  await expect(failing()).rejects.toThrow("no");
  expect(said).toEqual([1]);
});
