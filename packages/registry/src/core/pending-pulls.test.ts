import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPendingPulls } from "./pending-pulls.ts";

const pull = { repositoryId: 1, digest: "sha256:a", at: 5 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("pulls that nothing takes along are written after a second, all together", () => {
  const write = vi.fn();
  const pulls = createPendingPulls(write);
  pulls.note(pull);
  vi.advanceTimersByTime(999);
  pulls.note({ ...pull, digest: "sha256:b" });
  expect(write).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(write).toHaveBeenCalledOnce();
  pulls.forget();
  vi.advanceTimersByTime(10_000);
  expect(write).toHaveBeenCalledOnce();
});

test("those that were written with something else are not written again", () => {
  const write = vi.fn();
  const pulls = createPendingPulls(write);
  pulls.note(pull);
  pulls.forget();
  vi.advanceTimersByTime(10_000);
  expect(write).not.toHaveBeenCalled();
  expect(pulls.isEmpty()).toBe(true);
});

test("the last pull of an image counts, also when the clock was set back", () => {
  const pulls = createPendingPulls(() => {});
  pulls.note(pull);
  pulls.note({ ...pull, at: 3 });
  expect([pulls.find(1, "sha256:a"), pulls.find(2, "sha256:a")]).toEqual([3, undefined]);
  pulls.forget();
});
