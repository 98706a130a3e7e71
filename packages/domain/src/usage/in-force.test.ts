import { expect, test } from "vitest";
import { HUB } from "../../../../test/builders/registry.ts";
import type { UsageRecord } from "./evidence.ts";
import { isInForce } from "./in-force.ts";

const RECORD: UsageRecord = {
  subject: { digest: "sha256:a" },
  source: "ecs",
  scope: "prod",
  account: HUB.account,
  cluster: "prod",
  service: "service/web",
  kinds: ["running"],
  image: "team/app",
  firstSeen: "2026-01-01T00:00:00.000Z",
  sequence: 1,
  version: 1,
};
const DAY_BEFORE = "2026-11-21T08:00:00.000Z";
const NOW = new Date("2026-11-22T08:00:00.000Z");
const JUST_AFTER = new Date(NOW.getTime() + 1);

test.each<[string, Partial<UsageRecord>, boolean, boolean]>([
  ["what its source still names", {}, true, true],
  ["what ended a day ago", { endedAt: DAY_BEFORE }, true, false],
  ["what stopped a day ago, and is still named", { seenAt: DAY_BEFORE }, true, false],
  [
    "what stopped a day ago, and is not named since",
    { seenAt: DAY_BEFORE, endedAt: NOW.toISOString() },
    true,
    false,
  ],
  [
    "what is said to stop in the future, and ended a day ago",
    { seenAt: "2036-01-01T00:00:00.000Z", endedAt: DAY_BEFORE },
    true,
    false,
  ],
  ["what events told of a day ago", { source: "ecs-events", seenAt: DAY_BEFORE }, true, true],
  [
    "what events told of a day and 40 minutes ago",
    { source: "ecs-events", seenAt: "2026-11-21T07:20:00.000Z" },
    true,
    false,
  ],
  ["what ended at a time that is none", { endedAt: "yesterday" }, true, true],
])("%s: %o counts: %s, and a millisecond later: %s", (_, overrides, counts, later) => {
  const record = { ...RECORD, ...overrides };
  expect(isInForce(record, NOW, 24)).toBe(counts);
  expect(isInForce(record, JUST_AFTER, 24)).toBe(later);
});
