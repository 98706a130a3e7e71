import { describe, expect, test } from "vitest";
import { DEFAULT_SETTINGS, type Repository } from "../storage/repositories.ts";
import { type LifecycleEntry, lifecycleEvents } from "./lifecycle-event.ts";

const repository: Repository = {
  id: 1,
  account: "111122223333",
  region: "us-east-1",
  name: "team/app",
  createdAt: 0,
  settings: DEFAULT_SETTINGS,
  policy: null,
};
const times = { pushedAt: 0, lastPulledAt: null, lastArchivedAt: null, lastActivatedAt: null };
const failure = { code: "ImageReferencedByManifestList", reason: "held" };

function entry(digest: string, tags: readonly string[] = []): LifecycleEntry {
  return { image: { digest, tags, status: "ACTIVE", subject: null, parents: [], ...times }, rulePriority: 1 };
}
/** What the events of such a run list: images acted on, and failures. */
function listed(acted: readonly LifecycleEntry[], failed: number) {
  const failures = Array.from({ length: failed }, (_, n) => ({ ...entry(`f${n}`), ...failure }));
  const policy = { id: "p", version: 1, evaluatedAt: 0, rules: [] };
  const time = new Date("2026-11-21T10:00:00Z");
  const record = { name: "PolicyExecutionEvent" as const, repository, time, policy, acted, failed: failures };
  return lifecycleEvents(record).map(({ detail }) => {
    const details = detail["serviceEventDetails"] as Record<string, unknown[]>;
    return {
      acted: details["lifecycleEventImageActions"] ?? [],
      failed: details["lifecycleEventFailureDetails"] ?? [],
    };
  });
}
const many = (count: number) => Array.from({ length: count }, (_, n) => entry(`a${n}`));

describe("the events of a lifecycle run", () => {
  test.each([
    [0, 0, [[0, 0]]],
    [9, 0, [[9, 0]]],
    [
      10,
      0,
      [
        [9, 0],
        [1, 0],
      ],
    ],
    [
      3,
      19,
      [
        [3, 9],
        [0, 9],
        [0, 1],
      ],
    ],
    [
      19,
      1,
      [
        [9, 1],
        [9, 0],
        [1, 0],
      ],
    ],
  ])("are split when %i images went and %i stayed", (acted, failed, expected) => {
    const events = listed(many(acted), failed);
    expect(events.map((event) => [event.acted.length, event.failed.length])).toEqual(expected);
  });

  test("list 100 tags of an image at most", () => {
    const tags = Array.from({ length: 150 }, (_, n) => `v${n}`);
    expect(listed([entry("a", tags)], 0)[0]?.acted).toMatchObject([
      { lifecycleEventImage: { tagStatus: "Tagged", tagList: tags.slice(0, 100) } },
    ]);
  });
});
