import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesAction, matchesTokens, matchesWildcard, tokenize } from "./wildcard.ts";

describe("matchesWildcard", () => {
  it.each([
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["*", "anything", true],
    ["?", "", false],
    ["?", "a", true],
    ["?", "ab", false],
    ["a*", "a", true],
    ["a*c", "abcbc", true],
    ["a*c", "abcb", false],
    ["*ab*", "aab", true],
    ["a?c*", "abcd", true],
    ["**", "x", true],
    ["team/*", "team/app", true],
    ["Team/*", "team/app", false],
    ["?", "é", true],
    ["?", "😀", true],
    [".*", "abc", false],
  ])("compares %j with %j: %s", (pattern, text, expected) => {
    expect(matchesWildcard(pattern, text)).toBe(expected);
  });

  it("agrees with the definition, written as a recursion", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 8 }).map((it) => it.join(""));
    const patterns = fc
      .array(fc.constantFrom("a", "b", "/", "*", "?"), { maxLength: 8 })
      .map((it) => it.join(""));
    fc.assert(
      fc.property(patterns, letters, (pattern, text) => {
        expect(matchesWildcard(pattern, text)).toBe(naive(pattern, text));
      }),
      { numRuns: 3000 },
    );
  });

  it("stays quick on a pattern made to be slow", () => {
    expect(matchesWildcard(`${"*a".repeat(500)}b`, "a".repeat(5000))).toBe(false);
  });

  it("takes a variable's asterisk as a character", () => {
    const tokens = tokenize([
      { text: "home/", literal: false },
      { text: "*", literal: true },
      { text: "?", literal: false },
    ]);
    expect(matchesTokens(tokens, "home/*1")).toBe(true);
    expect(matchesTokens(tokens, "home/bob1")).toBe(false);
    // Also when the pattern of the same text is known.
    expect(matchesWildcard("*", "bob")).toBe(true);
    expect(matchesTokens(tokenize([{ text: "*", literal: true }]), "bob")).toBe(false);
  });

  it("counts a character beyond U+FFFF as one, beside others", () => {
    expect(matchesWildcard("a?b?", "a😀bé")).toBe(true);
    expect(matchesWildcard("a??b?", "a😀bé")).toBe(false);
    expect(matchesWildcard("a*😀", "aé😀😀")).toBe(true);
  });
});

describe("matchesAction", () => {
  it.each([
    ["ecr:Put*", "ecr:PutImage", true],
    ["ECR:putimage", "ecr:PutImage", true],
    ["*", "s3:GetObject", true],
    ["ecr:*", "ecr-public:PutImage", false],
    ["ecr:Describe?mages", "ecr:DescribeImages", true],
    ["s3:*Object", "s3:GetObjectAcl", false],
  ])("compares %j with %j: %s", (pattern, action, expected) => {
    expect(matchesAction(pattern, action)).toBe(expected);
  });
});

function naive(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  const rest = pattern.slice(1);
  if (pattern[0] === "*") return naive(rest, text) || (text !== "" && naive(pattern, text.slice(1)));
  return text !== "" && (pattern[0] === "?" || pattern[0] === text[0]) && naive(rest, text.slice(1));
}
