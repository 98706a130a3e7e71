import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIFECYCLE_CHOICES, type LifecycleChoices } from "./choices.ts";
import { evaluateLifecycle } from "./evaluate-lifecycle.ts";
import type { LifecycleImage } from "./lifecycle-image.ts";
import { type LifecyclePolicy, type LifecycleRule, storageClassOf } from "./lifecycle-policy.ts";
import { matchesPattern } from "./matches-tags.ts";
import { parseLifecyclePolicy } from "./parse-lifecycle-policy.ts";

const DAY = 86_400_000;
const now = Date.parse("2026-11-21T12:00:00Z");
const words = ["a-1", "a-2", "b-1", "ab", "c"];
const moment = fc.integer({ min: 0, max: 8 }).map((days) => now - days * 30 * DAY);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });

const imageFacts = fc.record({
  tags: fc.uniqueArray(fc.constantFrom(...words), { maxLength: 3 }),
  status: fc.constantFrom("ACTIVE", "ACTIVE", "ACTIVE", "ARCHIVED", "ARCHIVED", "ACTIVATING"),
  pushedAt: moment,
  lastPulledAt: maybe(moment),
  lastArchivedAt: maybe(moment),
  lastActivatedAt: maybe(moment),
  subject: fc.constantFrom(null, null, null, "i0"),
  parents: fc.constantFrom([], [], [], ["i0"], ["gone", "i1"]),
});
const images: fc.Arbitrary<readonly LifecycleImage[]> = fc
  .array(imageFacts, { minLength: 2, maxLength: 14, size: "max" })
  .map((all) => all.map((facts, index) => ({ ...facts, digest: `i${index}` }) as LifecycleImage));

const tagSelection = fc.oneof(
  fc.constant({ tagStatus: "any" }),
  fc.constant({ tagStatus: "untagged" }),
  fc
    .uniqueArray(fc.constantFrom("a*", "*1", "b", "*", "a*b", "c"), { minLength: 1, maxLength: 2 })
    .map((tagPatternList) => ({ tagStatus: "tagged", tagPatternList })),
  fc
    .uniqueArray(fc.constantFrom("a", "b", "b-", "c"), { minLength: 1, maxLength: 2 })
    .map((tagPrefixList) => ({ tagStatus: "tagged", tagPrefixList })),
);
const expire = { type: "expire" };
const archive = { type: "transition", targetStorageClass: "archive" };
const count = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((countNumber) => ({ countType: "imageCountMoreThan", countNumber })),
  fc
    .record({ countType: fc.constantFrom("sinceImagePushed"), countNumber: fc.integer({ min: 1, max: 200 }) })
    .map((all) => ({ ...all, countUnit: "days" })),
);
const limit = fc.record({ selection: count, action: fc.constantFrom(expire, archive) });
const pulled = fc.integer({ min: 1, max: 200 }).map((countNumber) => ({
  selection: { countType: "sinceImagePulled", countUnit: "days", countNumber },
  action: archive,
}));
const archived = fc.integer({ min: 90, max: 200 }).map((countNumber) => ({
  selection: {
    storageClass: "archive",
    countType: "sinceImageTransitioned",
    countUnit: "days",
    countNumber,
  },
  action: expire,
}));
const rules = fc.array(fc.tuple(tagSelection, fc.oneof(limit, limit, pulled, archived)), {
  minLength: 1,
  maxLength: 5,
});

/** Rules in a shuffled order of priorities; those that the parser refuses together are left out one by one. */
const policies: fc.Arbitrary<LifecyclePolicy> = rules.map((all) => {
  const accepted: unknown[] = [];
  let policy: LifecyclePolicy = { rules: [] };
  for (const [index, [tagged, rest]] of all.entries()) {
    const rulePriority = ((index * 7) % 11) + 1;
    const rule = { rulePriority, selection: { ...tagged, ...rest.selection }, action: rest.action };
    try {
      policy = parseLifecyclePolicy(JSON.stringify({ rules: [...accepted, rule] }));
      accepted.push(rule);
    } catch {
      // Refused beside the others: the policy goes on without it.
    }
  }
  return policy;
});
const choices: fc.Arbitrary<LifecycleChoices> = fc.record({
  acceptExplicitStandard: fc.constant(true),
  ageLimit: fc.constantFrom("exceeded", "reached"),
  ageUnit: fc.constantFrom("exact", "wholeDays"),
  shieldAcrossStorageClasses: fc.boolean(),
  oneUntaggedRulePer: fc.constant("storageClass"),
  uniqueTags: fc.constant("list"),
  indexChildren: fc.constantFrom("excluded", "ranked"),
  selectReferrers: fc.boolean(),
});

/** Text of a pattern as a regular expression: the slow way that the evaluator does not take. */
function oracleMatches(pattern: string, tag: string): boolean {
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^]*");
  return new RegExp(`^${escaped}$`).test(tag);
}

function oracleWants(rule: LifecycleRule, tags: readonly string[]): boolean {
  const { tagStatus, tagPatternList, tagPrefixList = [] } = rule.selection;
  if (tagStatus !== "tagged") return tagStatus === "any" || tags.length === 0;
  const patterns = tagPatternList ?? tagPrefixList.map((prefix) => `${prefix}*`);
  return !patterns.some((pattern) => !tags.some((tag) => oracleMatches(pattern, tag)));
}

/**
 * The rules once more, per image instead of per rule: whichever rule first wants an image's tags has the only say, and
 * that says yes when the image is too old or when too many of its kind are newer, which are simply counted.
 */
function oracle(policy: LifecyclePolicy, all: readonly LifecycleImage[], chosen: LifecycleChoices): string[] {
  const held = (image: LifecycleImage) =>
    image.parents.some((parent) => all.some((it) => it.digest === parent && it.status !== "ARCHIVED"));
  const visible = all.filter(
    (image) =>
      (chosen.selectReferrers || image.subject === null) &&
      (chosen.indexChildren === "ranked" || !held(image)),
  );
  const inClass = (image: LifecycleImage, rule: LifecycleRule) =>
    image.status === (storageClassOf(rule) === "archive" ? "ARCHIVED" : "ACTIVE");
  const arrival = (image: LifecycleImage) => image.lastActivatedAt ?? image.pushedAt;

  return visible.flatMap((image) => {
    const says = policy.rules
      .filter((rule) => oracleWants(rule, image.tags))
      .filter((rule) => chosen.shieldAcrossStorageClasses || inClass(image, rule))
      .reduce<LifecycleRule | undefined>(
        (best, rule) => (best === undefined || rule.rulePriority < best.rulePriority ? rule : best),
        undefined,
      );
    if (says === undefined || !inClass(image, says) || held(image)) return [];
    const { countType, countNumber } = says.selection;
    const newer = visible.filter(
      (other) =>
        inClass(other, says) &&
        oracleWants(says, other.tags) &&
        (arrival(other) > arrival(image) ||
          (arrival(other) === arrival(image) && other.digest < image.digest)),
    ).length;
    const start: Record<string, number | null> = {
      sinceImagePushed: arrival(image),
      sinceImagePulled: Math.max(image.lastPulledAt ?? image.pushedAt, image.lastActivatedAt ?? 0),
      sinceImageTransitioned: image.lastArchivedAt,
    };
    // Never pulled, restored: from the restoring, even where a clock that was set back put that before the push.
    if (image.lastPulledAt === null) start["sinceImagePulled"] = arrival(image);
    const from = start[countType] ?? null;
    const days = from === null ? -1 : (now - from) / DAY;
    const tooOld = chosen.ageLimit === "reached" ? days >= countNumber : days > countNumber;
    const hit = countType === "imageCountMoreThan" ? newer >= countNumber : tooOld;
    return hit ? [`${image.digest} ${says.rulePriority} ${says.action.type}`] : [];
  });
}

function lines(
  policy: LifecyclePolicy,
  all: readonly LifecycleImage[],
  chosen = LIFECYCLE_CHOICES,
): string[] {
  const { decisions } = evaluateLifecycle(policy, { images: all, now }, chosen);
  return decisions.map(({ digest, rulePriority, action }) => `${digest} ${rulePriority} ${action}`);
}

describe("lifecycle evaluation", () => {
  test("decides as a naive reading of the rules does", () => {
    let acted = 0;
    let several = 0;
    fc.assert(
      fc.property(policies, images, choices, (policy, all, chosen) => {
        const found = lines(policy, all, chosen).toSorted();
        expect(found).toEqual(oracle(policy, all, chosen).toSorted());
        acted += found.length > 0 ? 1 : 0;
        several += new Set(found.map((line) => line.split(" ")[1])).size > 1 ? 1 : 0;
      }),
      { numRuns: 2000 },
    );
    // The generator has something to say: policies act, and more than one of their rules does.
    expect(acted).toBeGreaterThan(600);
    expect(several).toBeGreaterThan(60);
  });

  test("acts on an image once at most, whatever order images and rules come in", () => {
    fc.assert(
      fc.property(policies, images, choices, fc.infiniteStream(fc.nat()), (policy, all, chosen, keys) => {
        const shuffled = all
          .map((image) => ({ image, key: keys.next().value ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ image }) => image);
        const found = lines(policy, all, chosen);
        expect(new Set(found.map((line) => line.split(" ")[0])).size).toBe(found.length);
        expect(lines({ rules: policy.rules.toReversed() }, shuffled, chosen)).toEqual(found);
      }),
    );
  });

  test("never lets a lower rule act on what a higher one shields", () => {
    fc.assert(
      fc.property(policies, images, (policy, all) => {
        for (const { digest, rulePriority } of evaluateLifecycle(policy, { images: all, now }).decisions) {
          const image = all.find((it) => it.digest === digest);
          const higher = policy.rules.filter(
            (rule) =>
              rule.rulePriority < rulePriority &&
              (image?.status === "ARCHIVED") === (storageClassOf(rule) === "archive") &&
              oracleWants(rule, image?.tags ?? []),
          );
          expect(higher).toEqual([]);
        }
      }),
    );
  });

  test("never spares an image because there are more of them", () => {
    fc.assert(
      fc.property(policies, images, imageFacts, (policy, all, another) => {
        const plain = all.map((image) => ({ ...image, parents: [] }));
        const added = { ...another, parents: [], digest: "new" } as LifecycleImage;
        expect(lines(policy, [...plain, added])).toEqual(expect.arrayContaining(lines(policy, plain)));
      }),
    );
  });

  test("never acts on the child of an active index, and names what it holds back", () => {
    fc.assert(
      fc.property(policies, images, choices, (policy, all, chosen) => {
        const { decisions, blocked } = evaluateLifecycle(policy, { images: all, now }, chosen);
        const active = new Set(all.filter((it) => it.status !== "ARCHIVED").map((it) => it.digest));
        const parents = (digest: string) => all.find((it) => it.digest === digest)?.parents ?? [];
        for (const { digest } of decisions) expect(parents(digest).some((it) => active.has(it))).toBe(false);
        for (const { digest, indexes } of blocked)
          expect(indexes).toEqual(parents(digest).filter((it) => active.has(it)));
        if (chosen.indexChildren === "excluded") expect(blocked).toEqual([]);
      }),
    );
  });

  test("keeps what a rule counts, however old it is", () => {
    fc.assert(
      fc.property(images, fc.integer({ min: 1, max: 4 }), (all, keep) => {
        const plain = all.map((it) => ({ ...it, parents: [], subject: null, status: "ACTIVE" as const }));
        const selection = { tagStatus: "any", countType: "imageCountMoreThan", countNumber: keep };
        const rule = { rulePriority: 1, selection, action: expire };
        const policy = parseLifecyclePolicy(JSON.stringify({ rules: [rule] }));
        expect(plain.length - lines(policy, plain).length).toBe(Math.min(keep, plain.length));
      }),
    );
  });
});

describe("a tag pattern", () => {
  test("matches as the regular expression does that it stands for", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 8 });
    const tag = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
    fc.assert(
      fc.property(text, tag, (pattern, value) => {
        expect(matchesPattern(pattern, value)).toBe(oracleMatches(pattern, value));
      }),
      { numRuns: 3000 },
    );
  });
});
