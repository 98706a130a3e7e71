import { expect, test } from "vitest";
import type { Change } from "./core.ts";
import { groupCommits } from "./group-commits.ts";

/** Stands for the database: what was written in transactions that were not undone, one list for each. */
function transactions() {
  const committed: string[][] = [];
  let open: string[] = [];
  const change = { emit: (event: unknown) => void open.push(String(event)) } as unknown as Change;
  const together = groupCommits((work) => {
    open = [];
    const result = work(change);
    committed.push(open);
    return result;
  });
  return { committed, together };
}

/** Writes its name, in place of an event. */
const write = (name: string) => (change: Change) => {
  change.emit(name as never);
  return name;
};

test("what is asked for at the same time is one transaction, and each hears of its own result", async () => {
  const { committed, together } = transactions();
  expect(await Promise.all(["a", "b", "c"].map((name) => together(write(name))))).toEqual(["a", "b", "c"]);
  expect(await together(write("d"))).toBe("d");
  expect(committed).toEqual([["a", "b", "c"], ["d"]]);
});

test("work that throws undoes only its own", async () => {
  const { committed, together } = transactions();
  const failing = (change: Change) => {
    change.emit("half" as never);
    throw new Error("no such repository");
  };
  const results = await Promise.allSettled([together(write("a")), together(failing), together(write("b"))]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(committed).toEqual([["a"], ["b"]]);
});
