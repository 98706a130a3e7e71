import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { TaggingRule } from "../policy/policy.ts";
import { loadRegexEngine } from "../policy/regex.ts";
import { judgeTag, violationsOf } from "./judge.ts";

beforeAll(loadRegexEngine);

type Rule = Parameters<typeof TaggingRule.parse>[0] & Record<string, unknown>;

function rule(overrides: Rule): TaggingRule {
  return TaggingRule.parse({ name: "rule", repositories: ["prod/**"], ...overrides });
}

function verdictOf(one: TaggingRule, tag: string, repository = "prod/web"): string | undefined {
  return judgeTag([one], repository, tag)[0]?.verdict;
}

describe("a tag", () => {
  test.each([
    // Globs
    ["latest", { deny: ["latest"] }, "violation"],
    ["latest2", { deny: ["latest"] }, "allowed"],
    ["v1", { allow: ["v*"] }, "allowed"],
    ["v", { allow: ["v*"] }, "allowed"],
    ["dev", { allow: ["v*"] }, "violation"],
    ["1.2.3", { allow: ["1.*.3"] }, "allowed"],
    ["1x2y3", { allow: ["1.*.3"] }, "violation"],
    ["Latest", { deny: ["latest"] }, "allowed"],
    ["v1", { allow: [{ glob: "v*" }] }, "allowed"],
    // Deny beats allow, in whichever order they stand
    ["v1", { allow: ["v*"], deny: ["v1"] }, "violation"],
    ["v2", { allow: ["v*"], deny: ["v1"] }, "allowed"],
    // Semantic versions
    ["1.4.2", { allow: [{ format: "semver" }] }, "allowed"],
    ["v1.4.2", { allow: [{ format: "semver" }] }, "allowed"],
    ["1.4.2-rc.1", { allow: [{ format: "semver" }] }, "allowed"],
    ["1.4", { allow: [{ format: "semver" }] }, "violation"],
    ["01.4.2", { allow: [{ format: "semver" }] }, "violation"],
    ["1.4.2-01", { allow: [{ format: "semver" }] }, "violation"],
    ["vv1.4.2", { allow: [{ format: "semver" }] }, "violation"],
    ["V1.4.2", { allow: [{ format: "semver" }] }, "violation"],
    [" 1.4.2", { allow: [{ format: "semver" }] }, "violation"],
    ["=1.4.2", { allow: [{ format: "semver" }] }, "violation"],
    ["99999999999999999999.0.0", { allow: [{ format: "semver" }] }, "violation"],
    // Commit ids: 7 to 40 digits, or 64
    ["a1b2c3d", { allow: [{ format: "git-sha" }] }, "allowed"],
    ["a1b2c3", { allow: [{ format: "git-sha" }] }, "violation"],
    ["a".repeat(40), { allow: [{ format: "git-sha" }] }, "allowed"],
    ["a".repeat(41), { allow: [{ format: "git-sha" }] }, "violation"],
    ["a".repeat(64), { allow: [{ format: "git-sha" }] }, "allowed"],
    ["A1B2C3D", { allow: [{ format: "git-sha" }] }, "violation"],
    ["g1b2c3d", { allow: [{ format: "git-sha" }] }, "violation"],
    // Regular expressions match the whole tag
    ["release-12", { allow: [{ regex: "release-[0-9]+" }] }, "allowed"],
    ["release-12-rc", { allow: [{ regex: "release-[0-9]+" }] }, "violation"],
    ["my-release-12", { allow: [{ regex: "release-[0-9]+" }] }, "violation"],
    ["b", { allow: [{ regex: "a|b" }] }, "allowed"],
    ["ba", { allow: [{ regex: "a|b" }] }, "violation"],
    ["release-12\n", { allow: [{ regex: "release-[0-9]+" }] }, "violation"],
  ] as const)("%j under %j: %s", (tag, selectors, verdict) => {
    expect(verdictOf(rule(selectors), tag)).toBe(verdict);
  });

  test.each([
    ["prod/**", "prod/web", true],
    ["prod/**", "prod/team/web", true],
    ["prod/**", "prod", false],
    ["prod/**", "preprod/web", false],
    ["prod/*", "prod/web", true],
    ["prod/*", "prod/team/web", false],
    ["**", "a/b/c", true],
    ["*", "web", true],
    ["*", "a/web", false],
    ["**/web", "web", true],
    ["**/web", "a/b/web", true],
    ["**/web", "a/myweb", false],
    ["a/**/z", "a/z", true],
    ["a/**/z", "a/b/c/z", true],
    ["a.b", "a.b", true],
    ["a.b", "axb", false],
    ["prod/web", "prod/web2", false],
  ])("in a repository: %s selects %s: %s", (glob, repository, selected) => {
    const verdicts = judgeTag([rule({ repositories: [glob], deny: ["latest"] })], repository, "latest");
    expect(verdicts.length === 1).toBe(selected);
  });

  test("gets one verdict from each rule that selects its repository, in the policy's order", () => {
    const rules = [
      rule({ name: "second", deny: ["latest"] }),
      rule({ name: "elsewhere", repositories: ["dev/**"], deny: ["latest"] }),
      rule({ name: "first", allow: [{ format: "semver" }] }),
    ];
    const verdicts = judgeTag(rules, "prod/web", "latest");
    expect(verdicts.map((it) => it.rule)).toEqual(["second", "first"]);
    expect(violationsOf(verdicts)).toHaveLength(2);
    expect(judgeTag([], "prod/web", "latest")).toEqual([]);
  });
});

describe("a reason", () => {
  test("says what was denied and what would have been allowed", () => {
    const [verdict] = judgeTag(
      [rule({ allow: [{ format: "semver" }, "rc-*"], deny: ["latest"] })],
      "prod/web",
      "latest",
    );
    expect(verdict?.reason).toBe(
      'Tag "latest" is denied by rule "rule" (latest); allowed would be semver, rc-*.',
    );
    expect(verdict?.evidence).toEqual({ denied: "latest", allowed: "semver, rc-*" });
  });

  test("says what is allowed where nothing matched", () => {
    const [verdict] = judgeTag(
      [rule({ allow: [{ format: "semver" }, { regex: "r[0-9]" }] })],
      "prod/web",
      "x",
    );
    expect(verdict?.reason).toBe('Tag "x" matches nothing that rule "rule" allows: semver, /r[0-9]/.');
  });

  test("says what may be used instead where there is only a deny list", () => {
    const [verdict] = judgeTag([rule({ deny: ["latest", "dev"] })], "prod/web", "dev");
    expect(verdict?.reason).toContain("any tag but latest, dev would be allowed");
  });
});

describe("hostile input", () => {
  test("that makes backtracking engines run for years is judged at once", () => {
    const evil = rule({ allow: [{ regex: "(a+)+b" }, "*a*a*a*a*a*a*a*a*a*a*b"] });
    const start = performance.now();
    expect(verdictOf(evil, "a".repeat(300))).toBe("violation");
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test("never makes judging throw, and deny always beats allow", async () => {
    const glob = fc.stringMatching(/^[a-z0-9*._/()[\]{}+?^$\\|-]{1,20}$/);
    await fc.assert(
      fc.property(fc.string({ maxLength: 300 }), glob, (tag, pattern) => {
        const denied = verdictOf(rule({ deny: [pattern] }), tag) === "violation";
        const both = verdictOf(rule({ deny: [pattern], allow: ["*"] }), tag) === "violation";
        if (denied) expect(both).toBe(true);
      }),
    );
  });

  test("a glob without a star selects exactly itself", async () => {
    const literal = fc.stringMatching(/^[a-z0-9._()[\]{}+?^$\\|-]{1,20}$/);
    await fc.assert(
      fc.property(literal, literal, (pattern, tag) => {
        expect(verdictOf(rule({ deny: [pattern] }), tag)).toBe(pattern === tag ? "violation" : "allowed");
        expect(verdictOf(rule({ deny: [pattern] }), pattern)).toBe("violation");
      }),
    );
  });
});
