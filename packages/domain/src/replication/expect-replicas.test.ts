import { describe, expect, test } from "vitest";
import { aRepository } from "../../../../test/builders/registry.ts";
import { expectedDestinations, judgeReplica, nextCheckAt, type ReplicaCheck } from "./expect-replicas.ts";

const EAST = { account: "111122223333", region: "us-east-1" };
const WEST = { account: "111122223333", region: "us-west-2" };
const OTHER = { account: "444455556666", region: "us-east-1" };
const PUSHED = "2026-11-21T12:00:00.000Z";
const web = aRepository("prod/web", EAST);

function minutesAfter(minutes: number): Date {
  return new Date(Date.parse(PUSHED) + minutes * 60_000);
}

describe("expected destinations", () => {
  test.each([
    ["no rule", [], []],
    ["a rule for everything", [{ destinations: [WEST], prefixes: [] }], [WEST]],
    ["a prefix that matches", [{ destinations: [WEST, OTHER], prefixes: ["dev/", "prod"] }], [WEST, OTHER]],
    ["a prefix that does not", [{ destinations: [WEST], prefixes: ["web", "prod/web2"] }], []],
    ["a prefix that is the whole name", [{ destinations: [WEST], prefixes: ["prod/web"] }], [WEST]],
    [
      "two rules with one destination",
      [
        { destinations: [WEST], prefixes: [] },
        { destinations: [WEST, OTHER], prefixes: ["prod/"] },
      ],
      [WEST, OTHER],
    ],
    ["itself", [{ destinations: [EAST, WEST], prefixes: [] }], [WEST]],
  ])("of %s", (_, rules, destinations) => {
    expect(expectedDestinations(rules, web)).toEqual(destinations);
  });
});

describe("a look at a copy", () => {
  const check = (overrides: Partial<ReplicaCheck>): ReplicaCheck => ({
    destination: WEST,
    expectedAt: PUSHED,
    statuses: [],
    now: minutesAfter(2),
    ...overrides,
  });
  const said = (status: "IN_PROGRESS" | "COMPLETE" | "FAILED") => [
    { ...OTHER, status: "COMPLETE" as const },
    { ...WEST, status },
  ];

  test.each([
    ["is there", check({ present: true, statuses: said("IN_PROGRESS") }), "arrived"],
    ["is complete to the source", check({ statuses: said("COMPLETE") }), "arrived"],
    [
      "is complete to the source, but not there",
      check({ statuses: said("COMPLETE"), present: false }),
      "pending",
    ],
    ["failed", check({ statuses: said("FAILED") }), "failed"],
    ["failed to the source, but is there", check({ statuses: said("FAILED"), present: true }), "arrived"],
    ["is under way", check({ statuses: said("IN_PROGRESS") }), "pending"],
    ["nobody knows of", check({ statuses: [] }), "pending"],
    [
      "is not there a millisecond before the limit",
      check({ now: new Date(minutesAfter(30).getTime() - 1) }),
      "pending",
    ],
    ["is not there at the limit", check({ now: minutesAfter(30) }), "overdue"],
    ["is not there a day later", check({ now: minutesAfter(24 * 60) }), "overdue"],
    ["is looked for by a clock that was set back", check({ now: minutesAfter(-600) }), "pending"],
  ])("that %s", (_, it, state) => {
    expect(judgeReplica(it).state).toBe(state);
  });

  test("says why it failed", () => {
    const statuses = [{ ...WEST, status: "FAILED" as const, failureCode: "AccessDenied" }];
    expect(judgeReplica(check({ statuses })).reason).toContain("AccessDenied");
  });

  test("is repeated while it is pending or overdue, for a day, and not after it is settled", () => {
    expect(judgeReplica(check({})).nextCheckAt).toBe(minutesAfter(5).toISOString());
    expect(judgeReplica(check({ now: minutesAfter(45) })).nextCheckAt).toBe(minutesAfter(75).toISOString());
    expect(judgeReplica(check({ now: minutesAfter(24 * 60) }))).not.toHaveProperty("nextCheckAt");
    expect(judgeReplica(check({ present: true }))).not.toHaveProperty("nextCheckAt");
    expect(judgeReplica(check({ statuses: said("FAILED") }))).not.toHaveProperty("nextCheckAt");
  });

  test.each([
    [0, 2],
    [1, 2],
    [2, 5],
    [7, 10],
    [19, 20],
    [20, 30],
    [29, 30],
    [30, 60],
  ])("after %i minutes is followed by one at %i", (now, next) => {
    expect(nextCheckAt(PUSHED, minutesAfter(now))).toBe(minutesAfter(next).toISOString());
  });
});
