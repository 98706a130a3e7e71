import { expect, test } from "vitest";
import { isMet } from "../bench/figure.ts";
import { taskStarts } from "../bench/usage/task-starts.ts";

// Part of the bench `usage`, small. Its ten thousand tasks write as much as these.

test("tasks that start for an hour write at most two items for each digest and service", async () => {
  const figures = await taskStarts(200, () => {});
  expect(figures.filter((figure) => isMet(figure) !== true)).toEqual([]);
  expect(figures).toHaveLength(4);
});
