import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { HUB } from "../../../../test/builders/registry.ts";
import { aUsageItem, imageUri } from "../../../../test/builders/usage.ts";
import type { UsageItem } from "./evidence.ts";
import { MOST_ITEMS, UsageReport } from "./evidence.ts";
import { understandItems } from "./understand-items.ts";
import { subjectName } from "./use.ts";

const A = aDigest("A");
const B = aDigest("B");
const TAG = `${HUB.account}/${HUB.region}/team/app:1.4.2`;

function subjects(...items: Partial<UsageItem>[]): readonly string[] {
  const { uses } = understandItems(items.map((item) => ({ ...withoutDigest(), ...item })));
  return [...uses.values()].map(({ subject }) => subjectName(subject));
}

function withoutDigest(): UsageItem {
  const { digest: _, ...item } = aUsageItem();
  return item;
}

describe("what an item says is used", () => {
  test.each([
    ["a tag alone", {}, [TAG]],
    ["neither tag nor digest: latest", { image: imageUri("team/app", "") }, [TAG.replace("1.4.2", "latest")]],
    ["a digest in the name", { image: imageUri("team/app", `@${A}`) }, [A]],
    ["tag and digest in the name: the digest decides", { image: imageUri("team/app", `:1.4.2@${A}`) }, [A]],
    ["what runs by tag, resolved", { digest: A }, [A]],
    ["what stopped by tag, resolved", { kind: "stopped", digest: A }, [A]],
    ["a function's version, resolved", { kind: "version", digest: A }, [A]],
    ["a template by tag, not resolved", { kind: "template" }, [TAG]],
    ["a template by tag, resolved before: both", { kind: "template", digest: A }, [A, TAG]],
    ["a timer by tag, resolved before: both", { kind: "scheduled", digest: A }, [A, TAG]],
    [
      "a template by digest that the name pins",
      { kind: "template", image: imageUri("team/app", `:1@${A}`) },
      [A],
    ],
    [
      "an index by name, its platform by the runtime: both",
      { digest: B, image: imageUri("team/app", `@${A}`) },
      [B, A],
    ],
    [
      "a registry that nobody declared",
      { image: imageUri("x/y", `@${A}`, { ...HUB, account: "999999999999" }) },
      [A],
    ],
    [
      "an embedded registry",
      { image: `${HUB.account}.dkr.ecr.us-east-1.localhost:5000/team/app:1.4.2` },
      [TAG],
    ],
  ] as const)("%s", (_, item, expected) => {
    expect(subjects(item as Partial<UsageItem>)).toEqual(expected);
  });

  test("several items of one service are one use, in whatever order they come", () => {
    const items = [
      aUsageItem({ kind: "running" }),
      aUsageItem({ kind: "template", image: imageUri("team/app", `@${aDigest("image")}`) }),
      aUsageItem({ kind: "stopped", seenAt: "2026-11-22T07:00:00Z" }),
    ];
    const [use, ...others] = understandItems(items).uses.values();
    expect(others).toEqual([]);
    expect(use).toMatchObject({ kinds: ["running", "stopped", "template"] });
    expect(use).not.toHaveProperty("seenAt");
    expect([...understandItems(items.toReversed()).uses.values()]).toEqual([use]);
  });

  test("of what only stopped, the last time counts, whatever its precision", () => {
    const items = ["2026-11-22T07:00:00.500Z", "2026-11-22T07:00:00Z", "2026-11-22T06:59:59.999Z"].map(
      (seenAt) => aUsageItem({ kind: "stopped", seenAt }),
    );
    const [use] = understandItems(items).uses.values();
    expect(use).toMatchObject({ kinds: ["stopped"], seenAt: "2026-11-22T07:00:00.500Z" });
  });

  test("what stopped at a time that nobody says does not end by one that another says", () => {
    const items = [
      aUsageItem({ kind: "stopped" }),
      aUsageItem({ kind: "stopped", seenAt: "2026-11-22T07:00:00Z" }),
    ];
    expect([...understandItems(items).uses.values()][0]).not.toHaveProperty("seenAt");
  });
});

describe("images that are not in ECR", () => {
  test.each([
    "nginx",
    "nginx:1.27",
    "library/nginx",
    "docker.io/library/nginx:1.27",
    `ghcr.io/org/app@${A}`,
    `public.ecr.aws/org/app:1@${A}`,
    "localhost:5000/app:1",
    "Registry.Example.com:443/Team/app:v1",
  ])("%s is counted and left out", (image) => {
    const { uses, foreign, unreadable } = understandItems([aUsageItem({ image })]);
    expect({ uses: uses.size, foreign, unreadable: unreadable.count }).toEqual({
      uses: 0,
      foreign: 1,
      unreadable: 0,
    });
  });

  test.each([
    "not a reference",
    "a\u0007b",
    "a\u001b[31m:latest",
    "docker-pullable://x/y",
    `nginx@${A.slice(0, 20)}`,
    "nginx@sha256:zz",
    A,
    "@",
    ":",
    "/",
    "é/app:1",
    `${HUB.account}.dkr.ecr.us-east-1.amazonaws.com/Team/App:1`,
    `${HUB.account}.dkr.ecr.mars-west-9.example.com/team/app:1`,
    `${HUB.account}.dkr.ecr.us-east-1.vpce.amazonaws.com/team/app:1`,
  ])("%j is named with its place; its digest counts all the same", (image) => {
    const { uses, foreign, unreadable } = understandItems([aUsageItem(), aUsageItem({ image, digest: B })]);
    expect({ foreign, unreadable }).toEqual({
      foreign: 0,
      unreadable: { count: 1, first: [{ item: 1, image }] },
    });
    expect([...uses.values()].map(({ subject }) => subjectName(subject))).toEqual([aDigest("image"), B]);
  });

  test("of many that cannot be read, the first five are named", () => {
    const items = Array.from({ length: 300 }, (_, i) => aUsageItem({ image: `no reference ${i}` }));
    const { unreadable } = understandItems(items);
    expect(unreadable.count).toBe(300);
    expect(unreadable.first.map(({ item }) => item)).toEqual([0, 1, 2, 3, 4]);
  });

  test("a full report of hostile names is read in a moment", () => {
    const long = [
      "a/".repeat(511),
      ":".repeat(1024),
      `a@${"sha256:".repeat(140)}`,
      `${"a.".repeat(500)}dkr.ecr`,
    ];
    const items = Array.from({ length: MOST_ITEMS }, (_, i) => aUsageItem({ image: long[i % 4] ?? "" }));
    const before = performance.now();
    understandItems(items);
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

describe("a report", () => {
  const report = {
    scope: "prod",
    sequence: 1,
    complete: true,
    observedAt: "2026-11-22T08:00:00Z",
    items: [aUsageItem()],
  };

  test("holds 20,000 items and no more", () => {
    const items = Array.from({ length: MOST_ITEMS + 1 }, () => report.items[0]);
    expect(UsageReport.safeParse({ ...report, items: items.slice(1) }).success).toBe(true);
    expect(UsageReport.safeParse({ ...report, items }).success).toBe(false);
  });

  test.each([
    ["part of a fleet", { complete: false }],
    ["no word of being complete", { complete: undefined }],
    ["number 0", { sequence: 0 }],
    ["a number beyond what is counted exactly", { sequence: 2 ** 53 }],
    ["a scope with a control character", { scope: "prod\u001b[2J" }],
    ["a scope with #", { scope: "prod#2" }],
    ["an unknown key", { extra: 1 }],
    ["a time without a zone", { observedAt: "2026-11-22T08:00:00" }],
    ["a service with a line break", { items: [aUsageItem({ service: "a\nb" })] }],
    ["an item without an image", { items: [aUsageItem({ image: "" })] }],
    ["an image that is too long", { items: [aUsageItem({ image: "a".repeat(1025) })] }],
    ["half a digest", { items: [aUsageItem({ digest: "sha256:abc" })] }],
    ["an unknown kind", { items: [{ ...aUsageItem(), kind: "idle" }] }],
    ["an account that is none", { items: [aUsageItem({ account: "prod" })] }],
  ])("with %s is refused", (_, overrides) => {
    expect(UsageReport.safeParse({ ...report, ...overrides }).success).toBe(false);
  });
});
