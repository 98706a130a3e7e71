import { expect, test } from "vitest";
import { memoryBrakeStore } from "../../../../test/fakes/memory-inventory.ts";
import { BrakeOnError, withBrake } from "./with-brake.ts";

const OFF = { on: false, reason: "go", by: "test", at: "2026-11-21T00:00:00.000Z", version: 1 };

function writer() {
  const written: string[] = [];
  return { written, write: async () => written.push("written") };
}

test("a write goes through while the brake is off", async () => {
  const brakes = memoryBrakeStore();
  await brakes.putBrake(OFF);
  const { written, write } = writer();
  await withBrake(brakes, write);
  expect(written).toHaveLength(1);
});

test("no write goes through on a first deployment, which starts paused", async () => {
  const { written, write } = writer();
  await expect(withBrake(memoryBrakeStore(), write)).rejects.toThrow(BrakeOnError);
  expect(written).toHaveLength(0);
});

test("no write goes through once the brake is on again, and the refusal says why", async () => {
  const brakes = memoryBrakeStore();
  await brakes.putBrake(OFF);
  await brakes.putBrake({ ...OFF, on: true, reason: "incident 42", version: 2 });
  const { written, write } = writer();
  await expect(withBrake(brakes, write)).rejects.toThrow("incident 42");
  expect(written).toHaveLength(0);
});

test("no write goes through while the brake cannot be read", async () => {
  const brakes = memoryBrakeStore();
  await brakes.putBrake(OFF);
  brakes.unreadable = true;
  const { written, write } = writer();
  await expect(withBrake(brakes, write)).rejects.toThrow(BrakeOnError);
  expect(written).toHaveLength(0);
});
