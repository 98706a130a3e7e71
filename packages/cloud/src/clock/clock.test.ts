import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createClock, readOffset } from "./create-clock.ts";
import { createTimers } from "./timers.ts";

const day = 86_400_000;

describe("the cloud's clock", () => {
  test("runs with the wall clock until it is set, and on from there", () => {
    let wall = Date.UTC(2026, 0, 1);
    const clock = createClock(() => wall);
    expect(clock.now().toISOString()).toBe("2026-01-01T00:00:00.000Z");
    clock.set(new Date("2026-12-24T00:00:00Z"));
    wall += 1500;
    expect(clock.now().toISOString()).toBe("2026-12-24T00:00:01.500Z");
    expect(readOffset(clock.offset)).toBe(357 * day);
  });

  test("tells its listeners, until they stop listening", () => {
    const clock = createClock();
    let told = 0;
    const stop = clock.onSet(() => {
      told += 1;
    });
    clock.set(new Date(0));
    stop();
    clock.set(new Date(1));
    expect(told).toBe(1);
  });
});

describe("timers", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function world() {
    const clock = createClock(() => Date.now());
    const timers = createTimers(clock);
    const fired: string[] = [];
    const after = (milliseconds: number, name: string) => timers.after(milliseconds, () => fired.push(name));
    const shift = (milliseconds: number) => clock.set(new Date(clock.now().getTime() + milliseconds));
    return { clock, timers, fired, after, shift };
  }

  test("fire by the passing of time, in their order", () => {
    const { fired, after } = world();
    after(2000, "b");
    after(1000, "a");
    vi.advanceTimersByTime(999);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1001);
    expect(fired).toEqual(["a", "b"]);
  });

  test("fire at once when the clock is set beyond them", () => {
    const { fired, after, shift } = world();
    after(15 * day, "late");
    after(14 * day, "early");
    shift(15 * day);
    expect(fired).toEqual(["early", "late"]);
  });

  test("keep their duration when the clock is set back", () => {
    const { fired, after, shift, timers } = world();
    const before = timers.elapsed();
    after(30_000, "a");
    shift(-30 * day);
    expect(timers.elapsed()).toBe(before);
    vi.advanceTimersByTime(29_999);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual(["a"]);
  });

  test("wait longer than Node's longest timeout", () => {
    const { fired, after } = world();
    after(40 * day, "a");
    vi.advanceTimersByTime(39 * day);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(day);
    expect(fired).toEqual(["a"]);
  });

  test("do not fire when cancelled or after the stop", () => {
    const { fired, after, timers } = world();
    after(1000, "a")();
    after(2000, "b");
    timers.stop();
    after(1, "c");
    vi.advanceTimersByTime(5000);
    expect(fired).toEqual([]);
  });
});
