import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import { memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { memoryRegistry } from "../../../../test/fakes/memory-registry.ts";
import { recordDigest } from "./record-digest.ts";

// Two guards of an image's record, each in a history in which the other one sees nothing: a slow worker's answer of the
// registry is old when it writes.

const web = aRepository("prod/web");
const digest = aDigest("A");
const NOON = new Date("2026-11-21T12:00:00.000Z");

function world() {
  const registry = memoryRegistry();
  const inventory = memoryInventory();
  const manifestReader = { readManifest: async () => ({ unread: "exclusion-missing" }) as const };
  const deps = { ...inventory, registry, manifestReader };
  const record = (cause: "push" | "delete") =>
    recordDigest(deps, web, { digest, cause, keepDays: 730, now: NOON });
  /** What happens between a worker's next read of the registry and whatever it does with the answer. */
  const meanwhile = (happens: () => Promise<void>) => {
    registry.afterRead = async () => {
      registry.afterRead = undefined;
      await happens();
    };
  };
  return { registry, inventory, record, meanwhile };
}

test("an image that was deleted and pushed again keeps the facts of the later push: an older answer is not written over them", async () => {
  const { registry, inventory, record, meanwhile } = world();
  registry.push(web, { digest, pushedAt: "2026-11-01T00:00:00.000Z" });
  await record("push");
  meanwhile(async () => {
    registry.deleteImage(web, digest);
    registry.push(web, { digest, pushedAt: "2026-11-20T00:00:00.000Z" });
    await record("push");
  });
  await record("push");
  const stored = await inventory.images.findImage(web, digest);
  expect(stored).toMatchObject({ state: "open", pushedAt: "2026-11-20T00:00:00.000Z", version: 2 });
});

test("an image that was gone and is back when its record is closed is opened again: whoever heard of the push found nothing to write", async () => {
  const { registry, inventory, record, meanwhile } = world();
  const image = { digest, pushedAt: "2026-11-01T00:00:00.000Z" };
  registry.push(web, image);
  await record("push");
  registry.deleteImage(web, digest);
  meanwhile(async () => {
    registry.push(web, image);
    expect(await record("push")).toMatchObject({ changed: false });
  });
  await record("delete");
  const stored = await inventory.images.findImage(web, digest);
  expect(stored).toMatchObject({ state: "open", version: 3 });
});
