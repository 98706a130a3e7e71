import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aDeed, aStage, aStay } from "../../../../test/builders/history.ts";
import { aReplicaRecord } from "../../../../test/builders/records.ts";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import type { LifeEntry } from "./life-entry.ts";
import { type ImagePast, lifeOf } from "./life-of.ts";

const A = aDigest("A");
const B = aDigest("B");
const place = aRepository("prod/web");

/** Seconds after noon. */
function at(seconds: number): string {
  return new Date(Date.parse("2026-11-21T12:00:00.000Z") + seconds * 1000).toISOString();
}

function life(past: Partial<ImagePast>): readonly LifeEntry[] {
  return lifeOf({ place, digest: A, stages: [], stays: [], deeds: [], replicas: [], ...past });
}

function told(past: Partial<ImagePast>): readonly string[] {
  return life(past).map(({ what, tag, by, why }) =>
    [what, tag, by && `by ${by}`, why].filter(Boolean).join(" "),
  );
}

const stage = (seconds: number, overrides: Parameters<typeof aStage>[0] = {}) =>
  aStage({ since: at(seconds), version: seconds + 1, ...overrides });
const stay = (tag: string, seconds: number, overrides: Parameters<typeof aStay>[0] = {}) =>
  aStay({ tag, digest: A, since: at(seconds), version: seconds + 1, ...overrides });
const deed = (seconds: number, overrides: Parameters<typeof aDeed>[0] = {}) =>
  aDeed({ digest: A, tag: "1", at: at(seconds), event: `event-${seconds}`, by: "ana", ...overrides });

describe("the life of an image", () => {
  test.each([
    ["push", "pushed"],
    ["replication", "replicated"],
    ["pull-through", "pulled-through"],
    ["reconcile", "seen"],
    ["event", "seen"],
    ["restore", "restored"],
  ] as const)("that came by %s begins with %s", (cause, what) => {
    expect(told({ stages: [stage(0, { cause })] })).toEqual([what]);
  });

  test.each([
    ["delete", "deleted"],
    ["lifecycle", "expired"],
    ["repository-delete", "deleted"],
    ["reconcile", "deleted"],
  ] as const)("that went by %s ends with %s", (cause, what) => {
    expect(told({ stages: [stage(0), stage(9, { state: "closed", cause })] })).toEqual(["pushed", what]);
  });

  test("tells its storage classes, and begins anew when it comes back", () => {
    const stages = [
      stage(0),
      stage(1, { status: "ARCHIVED", cause: "archive" }),
      stage(2, { status: "ACTIVATING", cause: "restore" }),
      stage(3, { cause: "restore" }),
      stage(4, { state: "closed", cause: "delete" }),
      stage(5),
    ];
    expect(told({ stages })).toEqual(["pushed", "archived", "restoring", "restored", "deleted", "pushed"]);
  });

  test("tells each tag that came, moved on and went", () => {
    const moved = { at: at(2), cause: "push", to: B } as const;
    const stays = [
      stay("1", 0, { ended: moved }),
      stay("2", 1, { ended: { at: at(3), cause: "delete", to: null } }),
    ];
    expect(life({ stages: [stage(0)], stays })).toEqual([
      { at: at(0), what: "pushed", cause: "push" },
      { at: at(0), what: "tagged", tag: "1", cause: "push" },
      { at: at(1), what: "tagged", tag: "2", cause: "push" },
      { at: at(2), what: "untagged", tag: "1", to: B, cause: "push" },
      { at: at(3), what: "untagged", tag: "2", cause: "delete" },
    ]);
  });

  test("tells where its copies went and where it came from, and of none that is still on its way", () => {
    const replica = (region: string, overrides: Parameters<typeof aReplicaRecord>[0]) =>
      aReplicaRecord({
        destination: { ...HUB, region },
        digest: A,
        tag: "1",
        expectedAt: at(1),
        ...overrides,
      });
    const replicas = [
      replica("us-west-2", { state: "arrived", arrivedAt: at(2) }),
      replica("eu-central-1", { state: "failed", failureCode: "AccessDenied" }),
      replica("eu-west-1", { state: "overdue", noticedAt: at(9) }),
      replica("eu-west-2", { state: "pending" }),
      aReplicaRecord({ digest: A, repository: "other/app", state: "arrived" }),
    ];
    expect(told({ stages: [stage(0)], replicas })).toEqual([
      "pushed",
      "copy-failed 1 AccessDenied",
      "copied 1",
      "copy-late 1",
    ]);
    const west = aRepository("prod/web", { region: "us-west-2" });
    const [came, ...more] = life({ place: west, stages: [stage(3, { cause: "replication" })], replicas });
    expect([came?.registry, more]).toEqual([HUB, []]);
  });

  test("tells of a copy that was heard of before its push after it", () => {
    const replica = aReplicaRecord({ digest: A, tag: "1", state: "arrived", arrivedAt: at(0) });
    expect(told({ stages: [stage(1)], stays: [stay("1", 1)], replicas: [replica] })).toEqual([
      "pushed",
      "tagged 1",
      "copied 1",
    ]);
  });

  test("keeps the order of versions where the clock was set back", () => {
    const stages = [stage(500), aStage({ since: at(-500), state: "closed", cause: "delete", version: 900 })];
    expect(told({ stages })).toEqual(["pushed", "deleted"]);
  });

  test("at one and the same time puts the image before its tags, and their end before its own", () => {
    const ended = { at: at(0), cause: "delete", to: null } as const;
    const stages = [stage(0), aStage({ since: at(0), state: "closed", cause: "delete", version: 2 })];
    expect(told({ stages, stays: [stay("1", 0, { ended })] })).toEqual([
      "pushed",
      "tagged 1",
      "untagged 1",
      "deleted",
    ]);
  });
});

describe("who did it", () => {
  test("is told of an image and of its tag by the one push of both", () => {
    expect(told({ stages: [stage(1)], stays: [stay("1", 1)], deeds: [deed(0)] })).toEqual([
      "pushed by ana",
      "tagged 1 by ana",
    ]);
  });

  test("is told of each tag by its own push, and of the image by the nearest", () => {
    const deeds = [deed(0, { tag: "1" }), deed(2, { tag: "2", by: "ben" })];
    const stays = [stay("1", 1), stay("2", 3)];
    expect(told({ stages: [stage(1)], stays, deeds })).toEqual([
      "pushed by ana",
      "tagged 1 by ana",
      "tagged 2 by ben",
    ]);
  });

  test("is told of a tag that moved on by the push of the image it moved to", () => {
    const stays = [stay("1", 0, { ended: { at: at(60), cause: "push", to: B } })];
    const deeds = [deed(59, { digest: B, by: "ben" }), deed(58, { digest: aDigest("C"), by: "eve" })];
    expect(told({ stays, deeds })).toEqual(["tagged 1", "untagged 1 by ben"]);
  });

  test("is the registry's own rule where the event of the deletion did not say so", () => {
    const rule = "rule 2: keep ten";
    const stages = [stage(0), stage(100, { state: "closed", cause: "delete" })];
    const deeds = [deed(99, { action: "expire", by: "lifecycle policy", rule })];
    expect(told({ stages, deeds })).toEqual(["pushed", "expired by lifecycle policy rule 2: keep ten"]);
  });

  test("is told of every image that went with its repository", () => {
    const stages = [stage(0), stage(100, { state: "closed", cause: "repository-delete" })];
    const { digest: _, tag: __, ...deleted } = deed(99, { action: "delete-repository" });
    expect(told({ stages, deeds: [deleted] })).toEqual(["pushed", "deleted by ana"]);
  });

  test.each([
    ["another image", { digest: B }],
    ["another repository", { repository: "prod/web2" }],
    ["another registry", { region: "us-west-2" }],
    ["another account", { account: "444455556666" }],
  ])("is not taken from a deed to %s", (_, overrides) => {
    expect(told({ stages: [stage(1)], stays: [stay("1", 1)], deeds: [deed(0, overrides)] })).toEqual([
      "pushed",
      "tagged 1",
    ]);
  });

  test.each([
    ["15 minutes before an event told", "push", 15 * 60, true],
    ["more than 15 minutes before an event told", "push", 15 * 60 + 1, false],
    ["25 hours before a reconcile found it", "reconcile", 25 * 3600, true],
    ["more than 25 hours before a reconcile found it", "reconcile", 25 * 3600 + 1, false],
    ["5 minutes after, by CloudTrail's clock", "push", -5 * 60, true],
    ["more than 5 minutes after", "push", -5 * 60 - 1, false],
  ] as const)("is taken from a deed %s: %#", (_, cause, before, isTaken) => {
    const first = life({ stages: [stage(0, { cause })], deeds: [deed(-before)] }).find(({ cause }) => cause);
    expect(first?.by).toBe(isTaken ? "ana" : undefined);
  });

  test("is told once for one of two alike, the nearer; the other stays without", () => {
    const stages = [
      stage(0),
      stage(100, { status: "ARCHIVED", cause: "archive" }),
      stage(200, { cause: "restore" }),
      stage(300, { status: "ARCHIVED", cause: "archive" }),
    ];
    expect(told({ stages, deeds: [deed(99, { action: "archive" })] })).toEqual([
      "pushed",
      "archived by ana",
      "restored",
      "archived",
    ]);
  });

  test.each([
    ["a", "b"],
    ["b", "a"],
  ])("is told apart where a rule and a person end it in one second, by events %s and %s", (one, other) => {
    const end = { cause: "delete", to: null } as const;
    const { tag: _, ...byRule } = deed(5, { event: one, action: "expire", by: "lifecycle policy" });
    const deeds = [byRule, deed(5, { event: other, action: "delete", tag: "2" })];
    const stages = [
      stage(0),
      stage(5.2, { state: "closed", cause: "lifecycle" }),
      stage(5.4),
      stage(5.6, { state: "closed", cause: "delete" }),
    ];
    const stays = [
      stay("1", 0, { ended: { ...end, at: at(5.2) } }),
      stay("2", 5.4, { ended: { ...end, at: at(5.6) } }),
    ];
    expect(told({ stages, stays, deeds })).toEqual([
      "pushed",
      "tagged 1",
      "untagged 1 by lifecycle policy",
      "expired by lifecycle policy",
      "pushed",
      "tagged 2",
      "untagged 2 by ana",
      "deleted by ana",
    ]);
  });

  test("stands by itself where nothing was seen to change, and where it failed", () => {
    const deeds = [
      deed(9_000, { by: "ben" }),
      deed(1, { action: "delete", failure: "ImageReferencedByManifestList" }),
    ];
    expect(told({ stages: [stage(0)], deeds })).toEqual([
      "pushed",
      "attempted 1 by ana ImageReferencedByManifestList",
      "called 1 by ben",
    ]);
  });
});
