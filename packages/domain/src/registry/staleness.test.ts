import { expect, test } from "vitest";
import type { RegistryRun } from "./registry-records.ts";
import { staleness } from "./staleness.ts";

const NOW = new Date("2026-11-21T12:00:00.000Z");
const RUN: RegistryRun = {
  account: "111122223333",
  region: "us-east-1",
  run: "run-1",
  kind: "all",
  startedAt: "2026-11-19T11:59:00.000Z",
  version: 1,
};

const FAILED = { lastError: "throttled", lastErrorAt: "2026-11-21T11:00:00.000Z" };

test.each<[string, RegistryRun | undefined, string | undefined]>([
  ["nobody ever reconciled it", undefined, "no reconcile has completed yet"],
  ["its first reconcile is under way", RUN, "no reconcile has completed yet"],
  [
    "its first reconcile failed",
    { ...RUN, lastError: "AccessDenied", lastErrorAt: "2026-11-19T12:00:00.000Z" },
    "the last reconcile failed at 2026-11-19T12:00:00.000Z: AccessDenied",
  ],
  [
    "one completed two periods ago to the millisecond",
    { ...RUN, lastCompletedAt: "2026-11-19T12:00:00.000Z" },
    undefined,
  ],
  [
    "one completed a millisecond before that",
    { ...RUN, lastCompletedAt: "2026-11-19T11:59:59.999Z" },
    "no reconcile has completed since 2026-11-19T11:59:59.999Z",
  ],
  [
    "it has failed since",
    { ...RUN, ...FAILED, lastCompletedAt: "2026-11-21T00:00:00.000Z" },
    "the last reconcile failed at 2026-11-21T11:00:00.000Z: throttled",
  ],
  ["the clock was set back since", { ...RUN, lastCompletedAt: "2026-11-22T00:00:00.000Z" }, undefined],
])("when %s, that is what is said", (_, run, reason) => {
  expect(staleness(run, NOW)).toMatchObject(
    reason === undefined ? { stale: false } : { stale: true, reason },
  );
});
