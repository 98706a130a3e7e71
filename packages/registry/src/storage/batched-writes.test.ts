import { expect, test } from "vitest";
import { batchedWrites } from "./batched-writes.ts";

const bytes = (length: number, fill = 0) => new Uint8Array(length).fill(fill);

/** Writes that end when the test says so. */
function controlledWrites() {
  const started: { readonly sizes: number[]; readonly end: () => void }[] = [];
  const writes = batchedWrites((batch) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    started.push({ sizes: batch.map((chunk) => chunk.byteLength), end: resolve });
    return promise;
  });
  return { writes, started };
}

test("a lone chunk is written at once; those that come meanwhile are one batch, in their order", async () => {
  const { writes, started } = controlledWrites();
  await writes.add(bytes(1));
  await writes.add(bytes(2));
  await writes.add(bytes(3));
  expect(started.map(({ sizes }) => sizes)).toEqual([[1]]);
  const ended = writes.end();
  started[0]?.end();
  await expect.poll(() => started.length).toBe(2);
  expect(started[1]?.sizes).toEqual([2, 3]);
  started[1]?.end();
  await ended;
});

test("the source waits while half a megabyte waits, and goes on when it is written", async () => {
  const { writes, started } = controlledWrites();
  await writes.add(bytes(1));
  let room = false;
  const added = writes.add(bytes(512 * 1024)).then(() => {
    room = true;
  });
  await Promise.resolve();
  expect(room).toBe(false);
  started[0]?.end();
  await expect.poll(() => started.length).toBe(2);
  started[1]?.end();
  await added;
});

test("an error of a write reaches who adds or ends next, and nothing is written after it", async () => {
  const written: number[] = [];
  const writes = batchedWrites(async (batch) => {
    written.push(batch.length);
    throw new Error("no space left");
  });
  await writes.add(bytes(1));
  await expect(writes.end()).rejects.toThrow("no space left");
  await expect(writes.add(bytes(512 * 1024))).rejects.toThrow("no space left");
  expect(written).toEqual([1]);
});
