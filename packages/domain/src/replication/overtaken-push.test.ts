import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import { memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { memoryNotices } from "../../../../test/fakes/memory-notices.ts";
import { expectCopies } from "./expect-copies.ts";
import { recordArrival, recordFailure } from "./record-arrival.ts";
import { tellReplica } from "./tell-replica.ts";

const WEST = { ...HUB, region: "us-west-2" };
const SUBJECT = { digest: aDigest("A"), tag: "1.4.2" };
const PUSHED = new Date("2026-11-21T12:00:00.000Z");
const LATER = new Date("2026-11-21T12:00:02.000Z");
const event = { source: HUB, repository: aRepository("prod/web", WEST), ...SUBJECT, now: LATER };

function expectPush(deps: ReturnType<typeof memoryInventory>, expectedAt = PUSHED) {
  const rules = [{ destinations: [WEST], prefixes: [] }];
  const repository = aRepository("prod/web");
  return expectCopies(deps, {
    repository,
    ...SUBJECT,
    expectedAt: expectedAt.toISOString(),
    rules,
    now: LATER,
  });
}

// The event of a copy may be handled before the push that it is a copy of.

test("a copy that arrived before its push was heard of stays arrived, and is not looked for", async () => {
  const inventory = memoryInventory();
  await recordArrival(inventory.replicas, event);
  const [copy] = await expectPush(inventory);
  expect(copy?.replica).toMatchObject({ state: "arrived", expectedAt: PUSHED.toISOString() });
  expect(copy?.replica).not.toHaveProperty("checkAt");
});

test.each([false, true])(
  "a copy that failed before its push was heard of stays failed, and is looked for: told %s",
  async (told) => {
    const inventory = memoryInventory();
    const { sent, ...notices } = memoryNotices();
    const { replica } = await recordFailure(inventory.replicas, event);
    const deps = { replicas: inventory.replicas, notices };
    if (told) await tellReplica(deps, { replica, reason: "it failed", channel: "#registry", now: LATER });
    const [copy] = await expectPush(inventory);
    expect(copy?.replica).toMatchObject({ state: "failed", checkAt: expect.any(String) });
    expect(copy?.replica.noticedAt !== undefined).toBe(told);
    expect(sent).toHaveLength(told ? 1 : 0);
  },
);

test("a copy that failed is expected anew when its image is pushed again", async () => {
  const inventory = memoryInventory();
  await expectPush(inventory);
  await recordFailure(inventory.replicas, event);
  const [copy] = await expectPush(inventory, LATER);
  expect(copy?.replica).toMatchObject({ state: "pending", checks: 0, expectedAt: LATER.toISOString() });
});

test("a copy whose push is heard of while people are told that it failed is not told again under the push's time", async () => {
  const inventory = memoryInventory();
  const { sent, ...notices } = memoryNotices();
  const { replica } = await recordFailure(inventory.replicas, event);
  const slow: typeof notices = {
    ...notices,
    async send(notice) {
      await notices.send(notice);
      await expectPush(inventory);
    },
  };
  const told = { reason: "it failed", channel: "#registry", now: LATER };
  await tellReplica({ replicas: inventory.replicas, notices: slow }, { replica, ...told });
  const [copy] = await expectPush(inventory);
  expect(copy?.replica).toMatchObject({ state: "failed", noticedAt: LATER.toISOString() });
  expect(
    await tellReplica(
      { replicas: inventory.replicas, notices },
      { replica: copy?.replica ?? replica, ...told },
    ),
  ).toBe(false);
  expect(sent).toHaveLength(1);
});
