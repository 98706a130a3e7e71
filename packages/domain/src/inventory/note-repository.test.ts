import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import { memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { notingRepositories } from "./note-repository.ts";
import type { Recorded } from "./record-image.ts";
import type { ImageRecord } from "./records.ts";

const WEB = aRepository("prod/web");
const NOW = new Date("2026-11-16T01:54:35.000Z");

function recorded(state: ImageRecord["state"]): Recorded {
  const record: ImageRecord = {
    ...WEB,
    digest: aDigest("A"),
    version: 1,
    state,
    status: "ACTIVE",
    size: 7,
    firstSeenAt: NOW.toISOString(),
    since: NOW.toISOString(),
    cause: "push",
    changedAt: NOW.toISOString(),
    manifest: "known",
  };
  return { images: [{ digest: record.digest, record, changed: true }], tags: [] };
}

test("of two who note a repository at the same time one writes, and neither fails", async () => {
  const { summaries, journal } = memoryInventory();
  const seen = { recorded: recorded("open"), now: NOW };
  await Promise.all([notingRepositories(summaries)(WEB, seen), notingRepositories(summaries)(WEB, seen)]);
  expect(journal.writes).toHaveLength(1);
  expect(await summaries.findSummary(WEB)).toMatchObject({ images: 1, tags: 0, bytes: 7, version: 1 });
});

test("what reconcile has counted stays, and is looked up once", async () => {
  const { summaries, journal } = memoryInventory();
  const totals = { images: 9, tags: 8, openViolations: 0, bytes: 7, asOf: NOW.toISOString(), version: 1 };
  await summaries.putSummary({ ...WEB, ...totals });
  let looks = 0;
  const note = notingRepositories({
    ...summaries,
    findSummary: (repository) => {
      looks++;
      return summaries.findSummary(repository);
    },
  });
  for (let push = 0; push < 3; push++) await note(WEB, { recorded: recorded("open"), now: NOW });
  expect(looks).toBe(1);
  expect(journal.writes).toHaveLength(1);
});

test("a repository of which nothing is there is not listed", async () => {
  const { summaries, journal } = memoryInventory();
  await notingRepositories(summaries)(WEB, { recorded: recorded("closed"), now: NOW });
  expect(journal.writes).toEqual([]);
});
