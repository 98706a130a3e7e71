import * as fc from "fast-check";
import valid from "semver/functions/valid.js";
import { expect, test } from "vitest";
import { isSemanticVersion } from "./semver.ts";

/** By npm's library, which also takes spaces and `=` around a version. */
function oracle(tag: string): boolean {
  return valid(tag) === tag.replace(/^v/, "");
}

// Mostly versions, or one slip away from one.
const number = fc.constantFrom("0", "1", "10", "01", "9007199254740991", "9007199254740992", "", "x");
const identifier = fc.constantFrom(
  "0",
  "1",
  "01",
  "rc",
  "rc1",
  "1rc",
  "-",
  "01a",
  "",
  "a_b",
  "9007199254740993",
);
const aVersion = fc
  .tuple(
    fc.constantFrom("", "v", "V", "=", " ", "vv"),
    fc.array(number, { minLength: 2, maxLength: 4 }),
    fc.array(identifier, { maxLength: 3 }),
    fc.constantFrom("", "+build", "\n", " "),
  )
  .map(([prefix, numbers, identifiers, suffix]) => {
    const release = identifiers.length === 0 ? "" : `-${identifiers.join(".")}`;
    return `${prefix}${numbers.join(".")}${release}${suffix}`;
  });

test("a tag is a version where npm's library says so", async () => {
  await fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: aVersion }, fc.string()), (tag) => {
      expect(isSemanticVersion(tag)).toBe(oracle(tag));
    }),
    { numRuns: 20_000 },
  );
});

test.each([
  ["1.4.2", true],
  ["v1.4.2-rc.1", true],
  ["1.4", false],
  ["01.4.2", false],
  ["1.4.2-01", false],
  ["1.4.2+build", false],
  [`1.4.2-${"a".repeat(250)}`, true],
  [`1.4.2-${"a".repeat(251)}`, false],
  [`1.4.2-${"1".repeat(200)}!`, false],
])("%s: %s", (tag, expected) => {
  expect(isSemanticVersion(tag)).toBe(expected);
  expect(oracle(tag)).toBe(expected);
});
