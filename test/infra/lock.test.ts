import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { whileLocked } from "./synth/lock.ts";

const folder = mkdtempSync(join(tmpdir(), "tallyman-lock-"));
const path = join(folder, "lock");
afterAll(() => rmSync(folder, { recursive: true }));

test("the lock stands while the work runs and goes with it, also when it fails", () => {
  expect(whileLocked(path, () => existsSync(path))).toBe(true);
  expect(() =>
    whileLocked(path, () => {
      throw new Error("the work failed");
    }),
  ).toThrow("the work failed");
  expect(existsSync(path)).toBe(false);
});

test("a lock whose owner died is taken over", () => {
  // Above Linux's largest process id.
  writeFileSync(path, "4194305");
  expect(whileLocked(path, () => "done")).toBe("done");
});
