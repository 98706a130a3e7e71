import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { matchesGlob } from "./glob.ts";

test.each([
  ["prod/web", "prod/web", true],
  ["prod/web", "prod/web2", false],
  ["prod/*", "prod/", true],
  ["prod/*", "prod/web", true],
  ["prod/*", "prod/web/api", false],
  ["prod/*", "prod", false],
  ["*", "", true],
  ["*", "a/b", false],
  ["**", "a/b/c", true],
  ["**", "", true],
  ["prod/**", "prod/web/api", true],
  ["prod/**", "prod", false],
  ["**/web", "web", true],
  ["**/web", "a/b/web", true],
  ["**/web", "a/bweb", false],
  ["prod/**/web", "prod/web", true],
  ["prod/**/web", "prod/a/b/web", true],
  ["prod/**/web", "prodweb", false],
  ["*a**/b", "aab", true],
  ["*a**/b", "a/x/b", true],
  ["*a**/b", "axb", false],
  ["1.*.3", "1x2y3", false],
  ["[a-z]?(x)$", "[a-z]?(x)$", true],
  ["[a-z]", "b", false],
  ["?", "a", false],
  ["v*", "V1", false],
  ["a\u{1F600}*", "a\u{1F600}b", true],
])("%s on %s: %s", (glob, name, expected) => {
  expect(matchesGlob(glob, name)).toBe(expected);
});

/** The glob as a regular expression of a library that shares no line with ours. */
function oracle(glob: string, name: string): boolean {
  const pattern = glob.replace(/\*\*\/|\*\*|\*|[^*]+/g, (part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    return part === "*" ? "[^/]*" : RE2JS.quote(part);
  });
  return RE2JS.compile(`(?s)${pattern}`).matches(name);
}

// Few characters, so that names often match, and every wildcard meets every other.
const piece = fc.constantFrom("a", "b", "/", "*", "**", "**/", ".", "+", "(", "\\");
const aGlob = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(""));
const aName = fc.array(fc.constantFrom("a", "b", "/", ".", "+", "(", "\\", "*"), { maxLength: 12 });

test("a glob matches what its regular expression matches", async () => {
  await fc.assert(
    fc.property(aGlob, aName, (glob, characters) => {
      const name = characters.join("");
      expect(matchesGlob(glob, name)).toBe(oracle(glob, name));
    }),
    { numRuns: 20_000 },
  );
});

test("a name made by filling a glob's wildcards matches it", async () => {
  const fill = fc.stringMatching(/^[ab.]{0,4}$/);
  await fc.assert(
    fc.property(aGlob, fc.array(fill, { minLength: 30, maxLength: 30 }), (glob, fills) => {
      const runs = [...fills];
      const name = glob.replace(/\*\*\/|\*\*|\*/g, (wildcard) => {
        const run = runs.pop() ?? "";
        if (wildcard === "*") return run;
        return wildcard === "**" ? `${run}/${run}` : run && `${run}/`;
      });
      expect(matchesGlob(glob, name)).toBe(true);
    }),
  );
});

test.each([
  ["*a".repeat(150), "a".repeat(300)],
  ["**/".repeat(100), "a/".repeat(150)],
  [`${"**a".repeat(99)}b`, "a".repeat(300)],
])("%s takes no more than characters times characters", (glob, name) => {
  const began = performance.now();
  for (let time = 0; time < 20; time++) matchesGlob(glob, name);
  expect(performance.now() - began).toBeLessThan(2_000);
});
