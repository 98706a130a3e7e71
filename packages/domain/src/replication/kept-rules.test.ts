import { expect, test } from "vitest";
import { HUB } from "../../../../test/builders/registry.ts";
import { memoryRegistry } from "../../../../test/fakes/memory-registry.ts";
import { keepingRules } from "./kept-rules.ts";

const WEST = { ...HUB, region: "us-west-2" };
const RULES = [{ destinations: [WEST], prefixes: [] }];

function setUp() {
  const registry = memoryRegistry();
  const clock = { now: 0 };
  return { registry, clock, kept: keepingRules(registry, () => new Date(clock.now)) };
}

test.each([
  ["rules are", RULES, 60_000],
  ["that there are none is", [], 5_000],
])("%s believed for their time and asked for again after it", async (_, rules, time) => {
  const { registry, clock, kept } = setUp();
  registry.setReplicationRules(HUB, rules);
  for (const now of [0, time - 1, time]) {
    clock.now = now;
    expect(await kept.replicationRules(HUB)).toEqual(rules);
  }
  expect(registry.reads).toHaveLength(2);
});

test("each registry has its own rules", async () => {
  const { registry, kept } = setUp();
  registry.setReplicationRules(HUB, RULES);
  expect(await kept.replicationRules(HUB)).toEqual(RULES);
  expect(await kept.replicationRules(WEST)).toEqual([]);
});

test("a clock that is set back ends what was kept", async () => {
  const { registry, clock, kept } = setUp();
  registry.setReplicationRules(HUB, RULES);
  clock.now = 100_000;
  await kept.replicationRules(HUB);
  registry.setReplicationRules(HUB, []);
  clock.now = 0;
  expect(await kept.replicationRules(HUB)).toEqual([]);
});

test("a failure is not kept", async () => {
  const { registry, kept } = setUp();
  registry.setReplicationRules(HUB, RULES);
  registry.unavailable = true;
  await expect(kept.replicationRules(HUB)).rejects.toThrow();
  registry.unavailable = false;
  expect(await kept.replicationRules(HUB)).toEqual(RULES);
});
