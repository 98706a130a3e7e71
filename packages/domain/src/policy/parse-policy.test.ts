import { describe, expect, test } from "vitest";
import { InvalidPolicyError, parsePolicy } from "./parse-policy.ts";
import { EMPTY_POLICY } from "./policy.ts";
import { policyJsonSchema } from "./policy-json-schema.ts";

const RULE = { name: "no-latest", repositories: ["prod/**"], deny: ["latest"] };

async function problemsOf(document: unknown): Promise<readonly string[]> {
  try {
    await parsePolicy(document);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidPolicyError)) throw error;
    return error.problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
  }
}

function withRule(overrides: Record<string, unknown>) {
  return { version: 1, tagging: { rules: [{ ...RULE, ...overrides }] } };
}

describe("a policy", () => {
  test("may say nothing but its version", async () => {
    expect(await parsePolicy({ version: 1 })).toEqual(EMPTY_POLICY);
  });

  test("is read with every form of selector", async () => {
    const allow = ["v*", { glob: "rc-*" }, { format: "semver" }, { format: "git-sha" }, { regex: "r[0-9]+" }];
    const policy = await parsePolicy({ ...withRule({ allow }), notify: { slack: { channel: "#registry" } } });
    expect(policy.tagging.rules[0]).toEqual({ ...RULE, allow, notify: true });
  });

  test("that was written out is read back as the same policy", async () => {
    const policy = await parsePolicy(withRule({ notify: false }));
    expect(await parsePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
  });

  test.each([
    ["nothing", undefined, ""],
    ["no version", { tagging: { rules: [] } }, "version"],
    ["another version", { version: 2 }, "version"],
    ["an unknown section", { version: 1, cleanup: {} }, 'cleanup: unknown key "cleanup"'],
    ["an unknown key of a rule", withRule({ repos: [] }), 'tagging.rules.0.repos: unknown key "repos"'],
    ["a rule that says nothing", withRule({ deny: undefined }), "tagging.rules.0.allow: a rule needs"],
    ["a name with capitals", withRule({ name: "No" }), "tagging.rules.0.name"],
    ["a name with #", withRule({ name: "a#b" }), "tagging.rules.0.name"],
    ["no repositories", withRule({ repositories: [] }), "tagging.rules.0.repositories"],
    ["an empty selector list", withRule({ deny: [] }), "tagging.rules.0.deny"],
    ["an unknown format", withRule({ deny: [{ format: "calver" }] }), "tagging.rules.0.deny.0"],
    ["an unknown selector", withRule({ deny: [{ prefix: "v" }] }), "tagging.rules.0.deny.0"],
    ["a look-ahead", withRule({ deny: [{ regex: "(?=x)" }] }), "not an RE2 regular expression"],
    ["an unclosed group", withRule({ deny: [{ regex: "(a" }] }), "not an RE2 regular expression"],
    ["a repetition bomb", withRule({ deny: [{ regex: "((a{1000}){1000}){1000}" }] }), "not an RE2"],
    ["a very long glob", withRule({ deny: ["a".repeat(301)] }), "tagging.rules.0.deny.0"],
    ["too many selectors", withRule({ deny: Array(51).fill("a") }), "tagging.rules.0.deny"],
    [
      "a channel without #",
      { version: 1, notify: { slack: { channel: "general" } } },
      "notify.slack.channel",
    ],
  ])("with %s is refused, with the place", async (_, document, problem) => {
    const problems = await problemsOf(document);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test("that holds itself is refused like any other", async () => {
    const document: Record<string, unknown> = { version: 1 };
    document["cleanup"] = document;
    expect(await problemsOf(document)).toEqual(['cleanup: unknown key "cleanup"']);
  });

  test("with several problems is refused with all of them", async () => {
    const document = { version: 1, cleanup: {}, tagging: { rules: [RULE, RULE, { ...RULE, name: "" }] } };
    expect((await problemsOf(document)).length).toBeGreaterThanOrEqual(2);
  });

  test("with two rules of one name is refused at the second", async () => {
    const document = { version: 1, tagging: { rules: [RULE, RULE] } };
    expect(await problemsOf(document)).toEqual(['tagging.rules.1.name: two rules are named "no-latest"']);
  });
});

describe("the usage section", () => {
  const own = { name: "eks", principal: "arn:aws:iam::444455556666:role/reporter", account: "444455556666" };
  const usage = (section: Record<string, unknown>) => ({ version: 1, usage: section });

  test("has a default for everything", async () => {
    const { usage: section } = await parsePolicy({ version: 1 });
    expect(section).toEqual({
      collect: { ecs: true, lambda: true, inspector: false },
      revisions: 5,
      maxAgeHours: 3,
      recentlyStoppedHours: 24,
      sources: [],
      consumers: [],
    });
    expect((await parsePolicy(usage({}))).usage).toEqual(section);
    expect((await parsePolicy(usage({ sources: [own] }))).usage.sources).toEqual([
      { ...own, maxAgeHours: 6 },
    ]);
    expect((await parsePolicy(usage({ collect: { ecs: false } }))).usage.collect).toEqual({
      ecs: false,
      lambda: true,
      inspector: false,
    });
  });

  test.each([
    ["an unknown key", { collectors: {} }, 'usage.collectors: unknown key "collectors"'],
    ["an unknown collector", { collect: { eks: true } }, 'usage.collect.eks: unknown key "eks"'],
    ["no revisions", { revisions: 0 }, "usage.revisions"],
    ["evidence that is good for ever", { maxAgeHours: 169, recentlyStoppedHours: 200 }, "usage.maxAgeHours"],
    ["part of an hour", { maxAgeHours: 1.5 }, "usage.maxAgeHours"],
    [
      "a source called as a built-in one",
      { sources: [{ ...own, name: "ecs" }] },
      "usage.sources.0.name: a source",
    ],
    [
      "a source called as the events",
      { sources: [{ ...own, name: "ecs-events" }] },
      "usage.sources.0.name: a source",
    ],
    ["a source with a slash", { sources: [{ ...own, name: "a/b" }] }, "usage.sources.0.name"],
    ["two sources of one name", { sources: [own, own] }, 'usage.sources.1.name: two sources are named "eks"'],
    ["a source that anyone may be", { sources: [{ ...own, principal: "*" }] }, "usage.sources.0.principal"],
    ["a source that sees no account", { sources: [{ ...own, account: "eks" }] }, "usage.sources.0.account"],
    ["a source without any scope", { sources: [{ ...own, scopes: [] }] }, "usage.sources.0.scopes"],
    ["a scope that breaks keys", { sources: [{ ...own, scopes: ["a#b"] }] }, "usage.sources.0.scopes.0"],
    [
      "consumers of nothing",
      { consumers: [{ repositories: [], accounts: ["444455556666"] }] },
      "usage.consumers.0",
    ],
    [
      "consumers that are none",
      { consumers: [{ repositories: ["**"], accounts: ["*"] }] },
      "usage.consumers.0.accounts.0",
    ],
    [
      "less time after a stop than between reports",
      { recentlyStoppedHours: 2 },
      "usage.recentlyStoppedHours: must not",
    ],
    [
      "less time after a stop than between reports of a source",
      { recentlyStoppedHours: 24, sources: [{ ...own, maxAgeHours: 25 }] },
      "usage.recentlyStoppedHours: must not be less than the highest maxAgeHours, 25",
    ],
  ])("with %s is refused, with the place", async (_, section, problem) => {
    const problems = await problemsOf(usage(section));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test("does not count what stopped for longer than uses are remembered", async () => {
    const inventory = { keepDays: 1 };
    expect(await problemsOf({ version: 1, inventory, usage: { recentlyStoppedHours: 24 } })).toEqual([
      expect.stringContaining("usage.recentlyStoppedHours: must be less than inventory.keepDays"),
    ]);
    expect(await problemsOf({ version: 1, inventory, usage: { recentlyStoppedHours: 23 } })).toEqual([]);
  });
});

test("the JSON Schema names every section and allows no other", () => {
  const schema = policyJsonSchema();
  expect(schema).toMatchObject({ type: "object", additionalProperties: false, required: ["version"] });
  expect(Object.keys(schema["properties"] as object)).toContain("tagging");
  expect(schema).toMatchObject({
    properties: { usage: { additionalProperties: false, properties: { sources: { type: "array" } } } },
  });
});
