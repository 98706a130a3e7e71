import { expect, test } from "vitest";
import * as z from "zod";
import { parseYaml } from "./parse-yaml.ts";
import { SourceFileError } from "./source-problem.ts";

const Rule = z.strictObject({ name: z.string(), allow: z.array(z.string()).optional() });
const Target = z.union([z.strictObject({ glob: z.string() }), z.strictObject({ format: z.string() })]);
const Schema = z.strictObject({
  version: z.literal(1),
  rules: z.array(Rule).optional(),
  targets: z.array(Target).optional(),
  teams: z.record(z.string(), z.strictObject({ channel: z.string() })).optional(),
});

function problemsIn(text: string): readonly string[] {
  try {
    parseYaml(text, "tallyman.yaml", Schema);
    return [];
  } catch (error) {
    if (!(error instanceof SourceFileError)) throw error;
    return error.message.split("\n");
  }
}

test("a document that fits is returned as the schema reads it", () => {
  expect(parseYaml("version: 1\nrules:\n  - name: a\n", "f", Schema)).toEqual({
    version: 1,
    rules: [{ name: "a" }],
  });
});

test.each([
  [
    "an unknown key at the top",
    "version: 1\nrulez: []\n",
    'tallyman.yaml:2:1: unknown key "rulez"; allowed here: rules, targets, teams, version',
  ],
  [
    "an unknown key in a list",
    "version: 1\nrules:\n  - name: a\n    alow: ['x']\n",
    'tallyman.yaml:4:5: unknown key "alow"; allowed here: allow, name',
  ],
  [
    "an unknown key in a named entry",
    "version: 1\nteams:\n  web: { channel: '#web', chanel: x }\n",
    'tallyman.yaml:3:27: unknown key "chanel"; allowed here: channel',
  ],
  [
    "a wrong value",
    "version: 1\nrules:\n  - name: [a]\n",
    "tallyman.yaml:3:11: rules.0.name: Invalid input: expected string, received array",
  ],
  [
    "a number where a tag is meant",
    "version: 1\nrules:\n  - name: a\n    allow: [1.10]\n",
    "tallyman.yaml:4:13: rules.0.allow.0: Invalid input: expected string, received number (put it in quotes)",
  ],
  [
    "a missing key, at the map that lacks it",
    "version: 1\nrules:\n  - allow: [a]\n",
    "tallyman.yaml:3:5: rules.0.name: Invalid input: expected string, received undefined",
  ],
  [
    "an unknown key in one of several shapes",
    "version: 1\ntargets:\n  - format: semver\n    strict: yes\n",
    'tallyman.yaml:4:5: unknown key "strict"; allowed here: format, glob',
  ],
  ["a duplicate key", "version: 1\nversion: 1\n", "tallyman.yaml:2:1: Map keys must be unique"],
  ["an empty file", "", "tallyman.yaml:1:1: Invalid input: expected object, received null"],
  [
    "an unknown tag",
    "version: !!js/regexp a\n",
    "tallyman.yaml:1:10: Unresolved tag: tag:yaml.org,2002:js/regexp",
  ],
])("%s is named with line and column", (_, text, problem) => {
  expect(problemsIn(text)).toContain(problem);
});

test("broken YAML is named with line and column", () => {
  expect(problemsIn("version: 1\nrules: [a\n")[0]).toMatch(/^tallyman\.yaml:\d+:\d+: .*flow/i);
});

test("every problem is reported, not only the first", () => {
  expect(problemsIn("version: 2\nrulez: []\nrules: 3\n")).toHaveLength(3);
});

test("an alias bomb is refused", () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
  for (let i = 1; i < 9; i++) {
    const before = String.fromCharCode(96 + i);
    const name = String.fromCharCode(97 + i);
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(",")}]`);
  }
  expect(() => parseYaml(bomb.join("\n"), "f", Schema)).toThrow(/alias/i);
});
