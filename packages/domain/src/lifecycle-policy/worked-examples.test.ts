import { describe, expect, test } from "vitest";
import { LIFECYCLE_CHOICES, type LifecycleChoices } from "./choices.ts";
import { evaluateLifecycle } from "./evaluate-lifecycle.ts";
import { followSubjects } from "./follow-subjects.ts";
import type { LifecycleImage } from "./lifecycle-image.ts";
import { parseLifecyclePolicy } from "./parse-lifecycle-policy.ts";

const DAY = 86_400_000;
const now = Date.parse("2026-11-21T12:00:00Z");

/** An image of the standard class, `age` days old. */
function image(
  digest: string,
  tags: readonly string[],
  age: number,
  more: Partial<LifecycleImage> = {},
): LifecycleImage {
  return {
    digest,
    tags,
    status: "ACTIVE",
    pushedAt: now - age * DAY,
    lastPulledAt: null,
    lastArchivedAt: null,
    lastActivatedAt: null,
    subject: null,
    parents: [],
    ...more,
  };
}
const archivedFor = (days: number) => ({ status: "ARCHIVED" as const, lastArchivedAt: now - days * DAY });

type Rule = { readonly selection: object; readonly action?: object };
const archive = { type: "transition", targetStorageClass: "archive" };
const more = (countNumber: number) => ({ countType: "imageCountMoreThan", countNumber });
const since = (countType: string, countNumber: number) => ({ countType, countUnit: "days", countNumber });
const older = (days: number) => since("sinceImagePushed", days);
const any = { tagStatus: "any" };
const untagged = { tagStatus: "untagged" };
const tags = (...tagPatternList: string[]) => ({ tagStatus: "tagged", tagPatternList });

function policyOf(...rules: readonly Rule[]) {
  const numbered = rules.map(({ selection, action = { type: "expire" } }, index) => ({
    rulePriority: index + 1,
    selection,
    action,
  }));
  return parseLifecyclePolicy(JSON.stringify({ rules: numbered }));
}
function run(
  images: readonly LifecycleImage[],
  rules: readonly Rule[],
  choices: Partial<LifecycleChoices> = {},
) {
  return evaluateLifecycle(policyOf(...rules), { images, now }, { ...LIFECYCLE_CHOICES, ...choices });
}
/** `A1` = image A by rule 1; in lower case when it is archived. */
function outcome(
  images: readonly LifecycleImage[],
  rules: readonly Rule[],
  choices: Partial<LifecycleChoices> = {},
) {
  const { decisions } = run(images, rules, choices);
  return decisions
    .map(
      ({ digest, rulePriority, action }) =>
        `${action === "expire" ? digest : digest.toLowerCase()}${rulePriority}`,
    )
    .toSorted();
}
/** The same rules with prefixes for patterns, as the documentation repeats its examples. */
function withPrefixes(rules: readonly Rule[]): readonly Rule[] {
  return rules.map((rule) => {
    const { tagPatternList, ...selection } = rule.selection as { tagPatternList?: string[] };
    if (tagPatternList === undefined) return rule;
    return {
      ...rule,
      selection: { ...selection, tagPrefixList: tagPatternList.map((text) => text.replace("*", "")) },
    };
  });
}

const multiRule = [
  image("A", ["beta-1", "prod-1"], 10),
  image("B", ["beta-2", "prod-2"], 9),
  image("C", ["beta-3"], 8),
];
const multiTag = [
  image("A", ["alpha-1"], 12),
  image("B", ["beta-1"], 11),
  image("C", ["alpha-2", "beta-2"], 10),
  image("D", ["alpha-3"], 4),
  image("E", ["beta-3"], 3),
  image("F", ["alpha-4", "beta-4"], 2),
];
const threeTags = [
  image("A", ["alpha-1", "beta-1", "gamma-1"], 10),
  image("B", ["alpha-2", "beta-2"], 9),
  image("C", ["alpha-3", "beta-3", "gamma-2"], 8),
];
const allImages = [
  image("A", ["alpha-1"], 4),
  image("B", ["beta-1"], 3),
  image("C", [], 2),
  image("D", ["alpha-2"], 1),
];
const mixed = [
  image("A", ["alpha-1", "beta-1"], 4),
  image("B", [], 3),
  image("C", ["alpha-2"], 2),
  image("D", ["git-hash"], 1),
  image("E", [], 1 - 0.001),
];
const ages = [
  image("A", ["prod-1"], 31),
  image("B", ["prod-2"], 13),
  image("C", ["dev"], 40),
  image("D", [], 50),
];
const pulls = [
  image("A", ["x"], 200, { lastPulledAt: now - 91 * DAY }),
  image("B", ["y"], 200, { lastPulledAt: now - 89 * DAY }),
  image("C", [], 91),
  image("D", [], 89),
  image("E", ["z"], 200, { lastPulledAt: now - 150 * DAY, lastActivatedAt: now - 10 * DAY }),
  image("F", ["f"], 300, { lastPulledAt: now - 95 * DAY, lastActivatedAt: now - 100 * DAY }),
];
const inArchive = [
  image("A", ["x"], 800, archivedFor(366)),
  image("B", [], 800, archivedFor(364)),
  image("C", ["y"], 800),
];
const archiveUnpulled = { selection: { ...any, ...since("sinceImagePulled", 90) }, action: archive };
const expireArchived = {
  selection: { ...any, storageClass: "archive", ...since("sinceImageTransitioned", 365) },
};

describe("the worked examples of the ECR User Guide", () => {
  const examples: readonly [string, readonly LifecycleImage[], readonly Rule[], readonly string[]][] = [
    ["F1 filters on image age", ages, [{ selection: { ...tags("prod*"), ...older(14) } }], ["A1"]],
    ["F2 filters on pull age", pulls, [archiveUnpulled], ["a1", "c1", "f1"]],
    ["F3 filters on time in the archive", inArchive, [expireArchived], ["A1"]],
    [
      "F4 filters on image count",
      [image("A", [], 3), image("B", [], 2), image("C", ["x"], 9)],
      [{ selection: { ...untagged, ...more(1) } }],
      ["A1"],
    ],
    [
      "MR-A gives prod* the higher priority",
      multiRule,
      [{ selection: { ...tags("prod*"), ...more(1) } }, { selection: { ...tags("beta*"), ...more(1) } }],
      ["A1"],
    ],
    [
      "MR-B gives beta* the higher priority",
      multiRule,
      [{ selection: { ...tags("beta*"), ...more(1) } }, { selection: { ...tags("prod*"), ...more(1) } }],
      ["A1", "B1"],
    ],
    [
      "MT-A asks for both tags",
      multiTag,
      [{ selection: { ...tags("alpha*", "beta*"), ...older(5) } }],
      ["C1"],
    ],
    [
      "MT-B counts images with both tags",
      threeTags,
      [{ selection: { ...tags("alpha*", "beta*"), ...more(1) } }],
      ["A1", "B1"],
    ],
    ["AL-A counts all images", allImages, [{ selection: { ...any, ...more(1) } }], ["A1", "B1", "C1"]],
    [
      "AL-B counts what other rules leave",
      mixed,
      [
        { selection: { ...tags("alpha*"), ...more(1) } },
        { selection: { ...untagged, ...older(1) } },
        { selection: { ...any, ...more(1) } },
      ],
      ["A1", "B2", "D3"],
    ],
    [
      "AR-1 archives by age",
      ages,
      [{ selection: { ...tags("prod*"), ...older(30) }, action: archive }],
      ["a1"],
    ],
    ["AR-2 archives what is not pulled", pulls, [archiveUnpulled], ["a1", "c1", "f1"]],
    [
      "AR-3 archives, then deletes",
      [...inArchive, image("D", [], 31), image("E", ["x"], 29)],
      [{ selection: { ...any, ...older(30) }, action: archive }, expireArchived],
      ["A2", "c1", "d1"],
    ],
  ];

  test.each(examples)("%s", (_, images, rules, expected) => {
    expect(outcome(images, rules)).toEqual(expected);
  });

  test.each(examples)(
    "%s, with prefixes for patterns and images in another order",
    (_, images, rules, expected) => {
      expect(outcome(images.toReversed(), withPrefixes(rules))).toEqual(expected);
    },
  );
});

describe("a decision", () => {
  test("says which rank or which age was too much", () => {
    expect(run(multiRule, [{ selection: { ...any, ...more(2) } }]).decisions).toEqual([
      { digest: "A", rulePriority: 1, action: "expire", reason: { kind: "count", rank: 3, keep: 2 } },
    ]);
    const [first] = run(pulls, [archiveUnpulled]).decisions;
    const reason = { kind: "age", since: "pulled", from: now - 95 * DAY, days: 90 };
    expect(first).toEqual({ digest: "F", rulePriority: 1, action: "transition", reason });
  });

  test("comes oldest first", () => {
    const decisions = run(allImages, [{ selection: { ...any, ...more(1) } }]).decisions;
    expect(decisions.map(({ digest }) => digest)).toEqual(["A", "B", "C"]);
  });

  test("counts the age of a restored image from when it was restored", () => {
    const restored = image("A", [], 400, { lastActivatedAt: now - 5 * DAY });
    const rules = [{ selection: { ...any, ...older(14) } }];
    expect(outcome([restored], rules)).toEqual([]);
    expect(outcome([{ ...restored, lastActivatedAt: now - 15 * DAY }], rules)).toEqual(["A1"]);
    const kept = [image("B", [], 100), restored];
    expect(outcome(kept, [{ selection: { ...any, ...more(1) } }])).toEqual(["B1"]);
  });

  test("leaves an image alone while it is being restored", () => {
    const restoring = image("A", [], 800, { status: "ACTIVATING", lastArchivedAt: now - 700 * DAY });
    expect(outcome([restoring], [{ selection: { ...any, ...older(1) } }, expireArchived])).toEqual([]);
  });

  test("never concerns an archived image whose archiving nobody recorded", () => {
    const odd = image("A", [], 800, { status: "ARCHIVED" });
    expect(outcome([odd], [expireArchived])).toEqual([]);
  });
});

describe("a full repository", () => {
  test("may expire as a whole", { timeout: 120_000 }, () => {
    const images = Array.from({ length: 100_000 }, (_, n) => image(`${n}`, [`v${n % 100}-${n}`], 40));
    const numbered = Array.from({ length: 4 }, (_, n) => ({
      selection: { ...tags(`v${n}-*`), ...older(30) },
    }));
    const rules = [...numbered, { selection: { ...any, ...older(30) } }];
    const { decisions } = run(images, rules);
    expect(decisions.length).toBe(100_000);
    expect(decisions.filter(({ rulePriority }) => rulePriority === 5).length).toBe(96_000);
  });
});

describe("where AWS documents nothing", () => {
  const fourteen = [{ selection: { ...any, ...older(14) } }];
  test.each([
    ["exceeded", "exact", ["A", "B", "D"]],
    ["reached", "exact", ["A", "B", "C", "D"]],
    ["exceeded", "wholeDays", ["A"]],
    ["reached", "wholeDays", ["A", "B", "C", "D"]],
  ] as const)("an age limit that is %s, in %s time, selects %s", (ageLimit, ageUnit, expected) => {
    const images = [
      image("A", [], 15),
      image("B", [], 14.5),
      image("C", [], 14),
      image("D", [], 14 + 1 / DAY),
      image("E", [], 14 - 1 / DAY),
    ];
    expect(outcome(images, fourteen, { ageLimit, ageUnit }).map((text) => text.slice(0, 1))).toEqual(
      expected,
    );
  });

  test.each([
    [false, ["A2"]],
    [true, []],
  ])("shielding across storage classes is %s", (shieldAcrossStorageClasses, expected) => {
    const rules = [{ selection: { ...any, ...older(900) }, action: archive }, expireArchived];
    expect(outcome(inArchive, rules, { shieldAcrossStorageClasses })).toEqual(expected);
  });

  // Two of 26 images are the children of one index: 24 count, 20 are kept, 4 go.
  const listed = Array.from({ length: 26 }, (_, n) =>
    image(`${n}`.padStart(2, "0"), n < 24 ? [`v${n}`] : [], 30 - n, n < 24 ? {} : { parents: ["23"] }),
  );
  const keepTwenty = [{ selection: { ...any, ...more(20) } }];
  test("children of an index are not counted, or counted but held back", () => {
    expect(outcome(listed, keepTwenty)).toHaveLength(4);
    expect(run(listed, keepTwenty).blocked).toEqual([]);
    expect(outcome(listed, keepTwenty, { indexChildren: "ranked" })).toHaveLength(6);
    const { decisions, blocked } = run(listed, [{ selection: { ...untagged, ...more(1) } }], {
      indexChildren: "ranked",
    });
    expect(decisions).toEqual([]);
    expect(blocked).toMatchObject([{ digest: "24", indexes: ["23"], reason: { kind: "count", rank: 2 } }]);
  });

  test("children are free once their index is archived or gone, but not while it is being restored", () => {
    const child = image("C", [], 40, { parents: ["I"] });
    const index = image("I", ["v1"], 1);
    const free = (images: LifecycleImage[]) =>
      outcome(images, [{ selection: { ...untagged, ...older(30) } }]);
    expect(free([child, index])).toEqual([]);
    expect(free([child, { ...index, status: "ACTIVATING" }])).toEqual([]);
    expect(free([child, { ...index, ...archivedFor(1) }])).toEqual(["C1"]);
    expect(free([child])).toEqual(["C1"]);
  });

  test("referrers are no matter of rules, unless that is chosen", () => {
    const images = [image("A", ["v1"], 1), image("S", [], 40, { subject: "A" }), image("U", [], 50)];
    const rules = [{ selection: { ...untagged, ...more(1) } }];
    expect(outcome(images, rules)).toEqual([]);
    expect(outcome(images, rules, { selectReferrers: true })).toEqual(["U1"]);
  });
});

describe("referrers", () => {
  const signature = image("S", [], 2, { subject: "A" });
  const follow = (...images: LifecycleImage[]) => followSubjects({ images, now });

  test("stay while their subject is active", () => {
    expect(follow(image("A", ["v1"], 5), signature)).toEqual([]);
  });

  test("expire when it is gone, a day after their own push at the earliest", () => {
    expect(follow(signature)).toEqual([{ digest: "S", subject: "A", action: "expire" }]);
    expect(follow({ ...signature, pushedAt: now - DAY })).toEqual([]);
    expect(follow({ ...signature, pushedAt: now - DAY - 1 })).toHaveLength(1);
  });

  test("are archived with it, once", () => {
    const archivedSubject = image("A", ["v1"], 5, archivedFor(1));
    expect(follow(archivedSubject, signature)).toEqual([{ digest: "S", subject: "A", action: "transition" }]);
    expect(follow(archivedSubject, { ...signature, ...archivedFor(0) })).toEqual([]);
  });

  test("stay while an index refers to them", () => {
    expect(follow({ ...signature, parents: ["I"] }, image("I", ["v1"], 1))).toEqual([]);
  });
});
