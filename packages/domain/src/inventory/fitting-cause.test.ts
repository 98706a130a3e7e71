import { expect, test } from "vitest";
import { type Finding, fittingCause } from "./fitting-cause.ts";
import { CAUSES, type Cause } from "./records.ts";

const GONE: Finding = { gone: true };
const TAGGED: Finding = { gone: false };
const there = (status: "ACTIVE" | "ARCHIVED" | "ACTIVATING"): Finding => ({ gone: false, status });

test.each<[string, Finding, readonly Cause[]]>([
  ["a finding that is gone", GONE, ["delete", "lifecycle", "repository-delete", "reconcile", "event"]],
  ["tag that is somewhere", TAGGED, ["push", "replication", "pull-through", "reconcile", "event"]],
  [
    "image that is active",
    there("ACTIVE"),
    ["push", "restore", "replication", "pull-through", "reconcile", "event"],
  ],
  ["image that is archived", there("ARCHIVED"), ["archive", "lifecycle", "reconcile", "event"]],
  ["image that is being restored", there("ACTIVATING"), ["restore", "reconcile", "event"]],
])(
  "of what may have led to: %s, these are kept, and all others are an event without a name",
  (_, finding, kept) => {
    const causes = CAUSES.map((cause) => fittingCause({ cause }, finding).cause);
    expect(new Set(causes)).toEqual(new Set([...kept, "event"]));
  },
);

test("the words go with the cause", () => {
  const because = { cause: "lifecycle", why: "lifecycle rule 1: keep ten" } as const;
  expect(fittingCause(because, GONE)).toEqual(because);
  expect(fittingCause(because, there("ACTIVE"))).toEqual({ cause: "event" });
});
