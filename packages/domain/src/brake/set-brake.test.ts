import { expect, test } from "vitest";
import { memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import type { Brake } from "./brake.ts";
import { setBrake } from "./set-brake.ts";

const AT = "2026-11-16T10:00:00.000Z";
const resume = { on: false, reason: "looked at it", by: "arn:aws:iam::111122223333:user/jane", at: AT };
const pause = { ...resume, on: true, reason: "too many deletions" };

async function actions(inventory: ReturnType<typeof memoryInventory>): Promise<readonly string[]> {
  const { items } = await inventory.queries.listAudit("2026-11-16", { limit: 100 });
  return items.map((entry) => entry.action);
}

test("a first deployment is paused, and resuming it is audited before and after", async () => {
  const inventory = memoryInventory();
  expect(await setBrake(inventory, resume)).toEqual({ ...resume, version: 1 });
  expect(inventory.journal.writes.map((write) => `${write.kind} ${write.key.split("#")[0]}`)).toEqual([
    "audit brake.set-requested",
    "brake brake",
    "audit brake.set",
  ]);
});

test("asking for what already holds writes nothing", async () => {
  const inventory = memoryInventory();
  await setBrake(inventory, resume);
  const writes = inventory.journal.writes.length;
  expect(await setBrake(inventory, { ...resume, at: "2026-11-16T11:00:00.000Z" })).toEqual({
    ...resume,
    version: 1,
  });
  expect(inventory.journal.writes).toHaveLength(writes);
});

test("pausing wins over a writer that comes in between", async () => {
  const inventory = memoryInventory();
  await setBrake(inventory, resume);
  raceOnce(inventory, { ...resume, reason: "me too", version: 2 });
  const later = { ...pause, at: "2026-11-16T10:00:00.001Z" };
  expect(await setBrake(inventory, later)).toEqual({ ...later, version: 3 });
  const { items } = await inventory.queries.listAudit("2026-11-16", { limit: 4 });
  expect(items.map(({ action, details }) => [action, details["version"]])).toEqual([
    ["brake.set", 3],
    ["brake.set-requested", 3],
    ["brake.set-refused", 2],
    ["brake.set-requested", 2],
  ]);
});

test("resuming gives way to a pause that came in between", async () => {
  const inventory = memoryInventory();
  raceOnce(inventory, { ...pause, version: 1 });
  await expect(setBrake(inventory, resume)).rejects.toThrow("written by someone else");
  expect(await inventory.brake.readBrake()).toMatchObject({ on: true, reason: pause.reason });
  expect(await actions(inventory)).toContain("brake.set-refused");
});

test("an unwritable audit trail leaves the brake as it was", async () => {
  const inventory = memoryInventory();
  const audit = { append: () => Promise.reject(new Error("no audit")) };
  await expect(setBrake({ brake: inventory.brake, audit }, resume)).rejects.toThrow("no audit");
  expect(await inventory.brake.readBrake()).toMatchObject({ on: true, version: 0 });
});

/** Another writer puts its brake right before ours. */
function raceOnce(inventory: ReturnType<typeof memoryInventory>, other: Brake): void {
  let raced = false;
  inventory.journal.before = async (write) => {
    if (write.kind !== "brake" || raced) return;
    raced = true;
    await inventory.brake.putBrake(other);
  };
}
