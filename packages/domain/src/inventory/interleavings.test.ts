import * as fc from "fast-check";
import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import { type MemoryInventory, memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { type MemoryRegistry, memoryRegistry } from "../../../../test/fakes/memory-registry.ts";
import { TaggingRule } from "../policy/policy.ts";
import { reconcileRepository } from "../reconcile/reconcile-repository.ts";
import type { ImageStore } from "./ports.ts";
import { recordImage } from "./record-image.ts";
import type { ImageRecord } from "./records.ts";

// Every read and write of every worker is a point at which the others may go first; fast-check chooses the order.

const web = aRepository("prod/web");
const DIGESTS = [aDigest("A"), aDigest("B"), aDigest("C")];
const RULES = [TaggingRule.parse({ name: "no-latest", repositories: ["**"], deny: ["latest"] })];
const NOW = new Date("2026-11-21T12:00:00.000Z");
const UNREAD = { unread: "exclusion-missing" } as const;

type Change = { readonly kind: "push" | "delete" | "untag"; readonly digest: string };
const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<Change["kind"]>("push", "push", "push", "delete", "untag"),
    digest: fc.constantFrom(...DIGESTS),
  }),
  { minLength: 1, maxLength: 6 },
);

type World = {
  readonly registry: MemoryRegistry;
  readonly inventory: MemoryInventory;
  /** Every image record that was written, in order. */
  readonly written: ImageRecord[];
};

function deps({ registry, inventory, written }: World) {
  const images: ImageStore = {
    ...inventory.images,
    putImage: async (record, settled) => {
      await inventory.images.putImage(record, settled);
      written.push(record);
    },
  };
  return {
    ...inventory,
    images,
    registry,
    resourceTags: registry,
    manifestReader: { readManifest: async () => UNREAD },
  };
}

/** `kills`: a worker is killed at the step with one of these numbers. */
async function run(
  scheduler: fc.Scheduler,
  told: readonly Change[],
  kills: ReadonlySet<number>,
): Promise<World> {
  const world: World = { registry: memoryRegistry(), inventory: memoryInventory(), written: [] };
  let steps = 0;
  const pause = async (label: string) => {
    await scheduler.schedule(Promise.resolve(), label);
    if (kills.has(++steps)) throw new Error("killed");
  };
  world.registry.beforeRead = pause;
  world.registry.afterRead = pause;
  world.inventory.journal.before = (write) => pause(`${write.kind} ${write.version ?? ""}`);
  const messages = told.map(async (change, i) => {
    await scheduler.schedule(Promise.resolve(), `${change.kind} ${change.digest.slice(7, 10)}`);
    apply(world, change);
    await deliver(world, change, `event-${i}`);
  });
  await scheduler.waitFor(Promise.all(messages));
  world.registry.beforeRead = undefined;
  world.registry.afterRead = undefined;
  world.inventory.journal.before = undefined;
  return world;
}

function apply({ registry }: World, { kind, digest }: Change): void {
  if (kind === "push") registry.push(web, { digest, tags: ["latest"] });
  if (kind === "delete") registry.deleteImage(web, digest);
  if (kind === "untag") registry.untag(web, "latest");
}

/** A worker that is killed, or loses five races, leaves its message to be delivered again. */
async function deliver(world: World, { kind, digest }: Change, event: string): Promise<void> {
  const cause = kind === "push" ? "push" : "delete";
  const request = { repository: web, cause, event, rules: RULES, keepDays: 730, now: NOW } as const;
  for (let deliveries = 0; deliveries < 50; deliveries++) {
    try {
      await recordImage(deps(world), { ...request, subject: { digest, tag: "latest" } });
      return;
    } catch (error) {
      if (!(error instanceof Error && /killed|written by someone else/.test(error.message))) throw error;
    }
  }
  throw new Error("the message was never handled");
}

async function assertFactsAgree({ registry, inventory }: World): Promise<void> {
  const truth = await registry.findImage(web, { tag: "latest" });
  expect((await inventory.tags.findTag(web, "latest"))?.digest ?? null).toBe(truth?.digest ?? null);
  for (const digest of DIGESTS) {
    const there = (await registry.findImage(web, { digest })) !== undefined;
    expect((await inventory.images.findImage(web, digest))?.state === "open").toBe(there);
  }
  const history = (await inventory.queries.listTagHistory(web, "latest", { limit: 1000 })).items;
  // Two neighbours that are the same would mean that one state was counted twice; here time stands still.
  for (const [i, { digest }] of history.entries()) expect(history[i + 1]?.digest).not.toBe(digest);
}

/** Every stage of an image's life that was recorded is told once, in the order in which it was recorded. */
async function assertLivesAgree({ inventory, written }: World): Promise<void> {
  for (const digest of DIGESTS) {
    const recorded = written.filter((record) => record.digest === digest).map((record) => record.state);
    const told = (await inventory.queries.listImageLife(web, digest, { limit: 1000 })).items;
    expect(told.map(({ state }) => state)).toEqual(recorded.filter((it, i) => it !== recorded[i - 1]));
  }
}

async function assertViolationsAgree({ registry, inventory }: World): Promise<void> {
  const truth = await registry.findImage(web, { tag: "latest" });
  const open = (await inventory.queries.listViolations({ state: "open" }, { limit: 10 })).items;
  expect(open.map((it) => it.digest)).toEqual(truth ? [truth.digest] : []);
}

test("in every interleaving of workers, the inventory ends as the registry is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), changes, async (scheduler, told) => {
      const world = await run(scheduler, told, new Set());
      await assertFactsAgree(world);
      await assertLivesAgree(world);
      await assertViolationsAgree(world);
    }),
    { numRuns: 1000 },
  );
});

test("in every interleaving of workers that are killed, it does so when their messages have come again", async () => {
  const kills = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), changes, kills, async (scheduler, told, killed) => {
      const world = await run(scheduler, told, new Set(killed));
      await assertFactsAgree(world);
      await assertLivesAgree(world);
      await assertViolationsAgree(world);
      const writes = world.inventory.journal.writes.length;
      await reconcileRepository(deps(world), {
        repository: web,
        rules: RULES,
        keepDays: 730,
        run: "1",
        now: NOW,
      });
      const again = world.inventory.journal.writes.slice(writes).filter(({ kind }) => kind !== "summary");
      expect(again).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});
