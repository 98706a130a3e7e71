import { expect, test } from "vitest";
import { createPause } from "./pauses.ts";

test("others come in between two pieces of a work that takes long, and only then", async () => {
  const pause = createPause();
  let others = 0;
  setImmediate(() => (others += 1));
  await pause();
  expect(others).toBe(0);
  for (const began = performance.now(); performance.now() - began < 30; );
  await pause();
  expect(others).toBe(1);
});
