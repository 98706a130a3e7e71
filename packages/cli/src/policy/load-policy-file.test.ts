import { expect, test } from "vitest";
import { loadPolicyFile, readPolicy } from "./load-policy-file.ts";
import { SourceFileError } from "./source-problem.ts";

async function problemsIn(text: string): Promise<readonly string[]> {
  try {
    await readPolicy(text, "tallyman.yaml");
    return [];
  } catch (error) {
    if (!(error instanceof SourceFileError)) throw error;
    return error.message.split("\n");
  }
}

const RULE = "version: 1\ntagging:\n  rules:\n    - name: web\n      repositories: [web]\n";

test("a policy is returned with its defaults filled in", async () => {
  expect((await readPolicy(`${RULE}      allow: ["v*"]\n`, "f")).tagging.rules).toEqual([
    { name: "web", repositories: ["web"], allow: ["v*"], notify: true },
  ]);
});

test.each([
  [
    "an unknown key at the top",
    "version: 1\ntaging: {}\n",
    'tallyman.yaml:2:1: taging: unknown key "taging"; allowed here: access, inventory, notify, tagging, usage, version',
  ],
  [
    "an unknown key in a rule",
    `${RULE}      alow: ["v*"]\n`,
    'tallyman.yaml:6:7: tagging.rules.0.alow: unknown key "alow"; allowed here: allow, deny, name, notify, repositories',
  ],
  [
    "an unknown key in one line",
    "version: 1\nnotify: { slack: { channel: '#a', chanel: b } }\n",
    'tallyman.yaml:2:35: notify.slack.chanel: unknown key "chanel"; allowed here: channel',
  ],
  [
    "a wrong value, at its key",
    `${RULE}      allow: v\n`,
    "tallyman.yaml:6:7: tagging.rules.0.allow: Invalid input: expected array, received string",
  ],
  [
    "a number where a name is meant",
    "version: 1\ntagging:\n  rules:\n    - name: 12\n      repositories: [web]\n      deny: [a]\n",
    "tallyman.yaml:4:7: tagging.rules.0.name: Invalid input: expected string, received number (put it in quotes)",
  ],
  [
    "a missing key, at the map that lacks it",
    "version: 1\ntagging:\n  rules:\n    - repositories: [web]\n      deny: [a]\n",
    "tallyman.yaml:4:7: tagging.rules.0.name: Invalid input: expected string, received undefined",
  ],
  [
    "a bad regular expression, where it stands in the list",
    `${RULE}      allow: ["v*", { regex: "(" }]\n`,
    expect.stringMatching(
      /^tallyman\.yaml:6:23: tagging\.rules\.0\.allow\.1\.regex: not an RE2 regular expression/,
    ),
  ],
  ["a duplicate key", "version: 1\nversion: 1\n", "tallyman.yaml:2:1: Map keys must be unique"],
  ["an empty file", "", "tallyman.yaml:1:1: Invalid input: expected object, received null"],
  [
    "an unknown tag",
    "version: !!js/regexp a\n",
    "tallyman.yaml:1:10: Unresolved tag: tag:yaml.org,2002:js/regexp",
  ],
  [
    "a second document",
    "version: 1\n---\nversion: 1\n",
    expect.stringMatching(/^tallyman\.yaml:2:1: .*multiple documents/),
  ],
])("%s is named with line and column", async (_, text, problem) => {
  expect(await problemsIn(text)).toContainEqual(problem);
});

test("broken YAML is named with line and column", async () => {
  expect((await problemsIn("version: 1\ntagging: [a\n"))[0]).toMatch(/^tallyman\.yaml:\d+:\d+: .*flow/i);
});

test("every problem is reported, not only the first", async () => {
  expect(await problemsIn("version: 2\ntaging: []\nnotify: 3\n")).toHaveLength(3);
});

test("an alias bomb is refused", async () => {
  const levels = ["a", "b", "c", "d", "e", "f", "g", "h", "i"].map((name, i, names) => {
    const content = i === 0 ? "x" : `*${names[i - 1]}`;
    return `${name}: &${name} [${Array(10).fill(content).join(", ")}]`;
  });
  expect(await problemsIn(levels.join("\n"))).toEqual([
    expect.stringMatching(/^tallyman\.yaml:1:1: Excessive alias count/),
  ]);
});

test("a file that is not there is named", async () => {
  await expect(loadPolicyFile("/nonexistent/tallyman.yaml")).rejects.toThrow(
    /^\/nonexistent\/tallyman\.yaml:1:1: cannot be read: ENOENT/,
  );
});
