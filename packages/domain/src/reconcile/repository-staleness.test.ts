import { expect, test } from "vitest";
import { aSummary } from "../../../../test/builders/records.ts";
import { HUB } from "../../../../test/builders/registry.ts";
import type { RegistryRun } from "../registry/registry-records.ts";
import { repositoryStaleness } from "./repository-staleness.ts";

const BEFORE = "2026-11-21T10:00:00.000Z";
const STARTED = "2026-11-21T11:00:00.000Z";
const AFTER = "2026-11-21T11:30:00.000Z";
const NOW = new Date("2026-11-21T12:00:00.000Z");
const gaveUp = { at: AFTER, repository: "team/app", reason: "AccessDenied" };

const RUN = { ...HUB, run: "a", kind: "all", startedAt: STARTED, listedAt: STARTED, version: 1 } as const;
const failed = { lastError: "AccessDenied", lastErrorAt: AFTER };

test.each<[string, Partial<RegistryRun>, string, boolean]>([
  ["a run that goes well", { owedSince: STARTED }, BEFORE, false],
  ["a run in which another one failed", { ...failed, owedSince: STARTED }, BEFORE, false],
  ["a run that gave up before it", { ...failed, gaveUp }, BEFORE, true],
  ["a run that gave up after it", { ...failed, gaveUp }, AFTER, false],
  ["a run that is over and left it out", { ...failed, owedSince: STARTED, completedAt: AFTER }, BEFORE, true],
  ["a run that is over and compared it", { ...failed, owedSince: STARTED, completedAt: AFTER }, AFTER, false],
  [
    "a run that makes up for an earlier one",
    { ...failed, owedSince: "2026-11-21T10:30:00.000Z" },
    BEFORE,
    true,
  ],
])("a repository and %s", (_, run, reconciledAt, stale) => {
  const state = repositoryStaleness(aSummary({ reconciledAt }), { ...RUN, ...run }, NOW);
  expect(state.stale).toBe(stale);
  if (state.stale)
    expect(state).toMatchObject({ reason: expect.stringContaining("AccessDenied"), since: reconciledAt });
});

test("of a registry that cannot be listed, every repository is stale, as of when it was compared itself", () => {
  const { listedAt: _, ...unlisted } = RUN;
  const state = repositoryStaleness(aSummary({ reconciledAt: AFTER }), { ...unlisted, ...failed }, NOW);
  expect(state).toMatchObject({ stale: true, since: AFTER });
});

test("what is gone is settled", () => {
  const summary = aSummary({ reconciledAt: BEFORE, goneAt: BEFORE });
  expect(repositoryStaleness(summary, { ...RUN, ...failed, gaveUp }, NOW)).toEqual({ stale: false });
});
