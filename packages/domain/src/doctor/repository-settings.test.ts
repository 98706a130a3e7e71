import { expect, test } from "vitest";
import type { Mutability } from "./facts.ts";
import { checkLifecyclePolicy, checkMutability, checkScanning } from "./repository-settings.ts";

const unseen = { action: "ecr:X", reason: "AccessDeniedException", refused: true };

test.each([
  ["SCAN_ON_PUSH", "ok"],
  ["CONTINUOUS_SCAN", "ok"],
  ["MANUAL", "warning"],
] as const)("a repository that is scanned %s is %s", (frequency, verdict) => {
  expect(checkScanning("prod/web", { seen: frequency }).verdict).toBe(verdict);
});

test.each<[Mutability["setting"], string[], string]>([
  ["IMMUTABLE", [], "ok"],
  ["MUTABLE", [], "warning"],
  ["IMMUTABLE_WITH_EXCLUSION", ["latest"], "ok"],
  ["IMMUTABLE_WITH_EXCLUSION", ["dev-*", "*"], "warning"],
  ["MUTABLE_WITH_EXCLUSION", ["v*"], "warning"],
])("tags that are %s, but for %j: %s", (setting, exclusions, verdict) => {
  expect(checkMutability("prod/web", { seen: { setting, exclusions } }).verdict).toBe(verdict);
});

test.each([
  [true, "ok"],
  [false, "warning"],
])("a lifecycle policy: %s is %s", (has, verdict) => {
  expect(checkLifecyclePolicy("prod/web", { seen: has }).verdict).toBe(verdict);
});

test("what was not seen is unknown, never well", () => {
  for (const opinion of [
    checkScanning("prod/web", { unseen }),
    checkMutability("prod/web", { unseen }),
    checkLifecyclePolicy("prod/web", { unseen }),
  ])
    expect(opinion).toMatchObject({ verdict: "unknown", remedy: expect.stringContaining("Allow ecr:X") });
});
