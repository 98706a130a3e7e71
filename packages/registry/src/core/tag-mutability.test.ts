import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTagImmutable, matchesWildcard } from "./tag-mutability.ts";

describe("which tags may move", () => {
  const table = [
    ["MUTABLE", [], "latest", false],
    ["IMMUTABLE", [], "latest", true],
    ["IMMUTABLE_WITH_EXCLUSION", ["latest*"], "latest-7", false],
    ["IMMUTABLE_WITH_EXCLUSION", ["latest*"], "1.0", true],
    ["MUTABLE_WITH_EXCLUSION", ["release-*"], "release-1", true],
    ["MUTABLE_WITH_EXCLUSION", ["release-*"], "dev", false],
  ] as const;
  test.each(table)("%s with filters %j: is %s fixed? %s", (tagMutability, exclusionFilters, tag, fixed) => {
    expect(isTagImmutable({ tagMutability, exclusionFilters }, tag, "whole")).toBe(fixed);
  });

  test("a filter matches a part of a tag only where that is chosen", () => {
    const settings = { tagMutability: "IMMUTABLE_WITH_EXCLUSION", exclusionFilters: ["dev*x"] } as const;
    expect(isTagImmutable(settings, "1-dev-x-2", "whole")).toBe(true);
    expect(isTagImmutable(settings, "1-dev-x-2", "part")).toBe(false);
    expect(isTagImmutable(settings, "1-dev-2", "part")).toBe(true);
  });
});

describe("a wildcard filter", () => {
  test.each([
    ["a*b", "ab", true],
    ["a*b", "axxb", true],
    ["a*b", "a", false],
    ["ab*ba", "aba", false],
    ["*", "", true],
    ["a.c", "abc", false],
    ["Latest", "latest", false],
    ["*a*b*", "xxaxxbxx", true],
    ["*a*b*", "xxbxxaxx", false],
  ])("%s matches %j: %s", (pattern, text, matches) => {
    expect(matchesWildcard(pattern, text)).toBe(matches);
  });

  test("agrees with a regular expression that says the same", () => {
    const letters = (extra: string) => fc.string({ unit: fc.constantFrom("a", "b", ...extra), maxLength: 8 });
    fc.assert(
      fc.property(letters("*"), letters(""), (pattern, text) => {
        expect(matchesWildcard(pattern, text)).toBe(
          new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
