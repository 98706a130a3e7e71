import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { committedSnapshots } from "./support/snapshots.ts";

const ROOT = join(import.meta.dirname, "..");
const STRING = /"([^"\n]*)"|`([^`]*)`|'([^'\n]*)'/g;
/** Inputs that give a resource its physical name. */
const NAME_INPUTS = ["name", "bucket", "key"];
/** Words that AWS's own protocols use too. */
const OF_AWS = new Map([
  ["Policy", "a parameter of STS AssumeRole"],
  ["$default", "API Gateway's default stage"],
]);

function productNames(): readonly string[] {
  const names = Object.values(committedSnapshots()).flatMap(({ resources }) =>
    Object.values(resources).flatMap((named) =>
      Object.entries(named).flatMap(([logicalName, inputs]) => [
        logicalName,
        ...NAME_INPUTS.map((input) => inputs[input]).filter((name) => typeof name === "string"),
      ]),
    ),
  );
  return [...new Set(names)].filter((name) => !OF_AWS.has(name));
}

/** `ImageActionQueue`, `tallyman-reader`, `/tallyman/slack-token`: nobody writes these without meaning them. */
function isUnmistakable(name: string): boolean {
  return /[a-z][A-Z]|[-/.]/.test(name);
}

/**
 * The names that a source text knows: an unmistakable one anywhere, one that is also a word (`Api`, `due`) where it is
 * a string or a part of an ARN, URL or path in one. Pulumi's resource types are no names.
 */
function namesIn(text: string, names: readonly string[]): readonly string[] {
  const parts = new Set(
    [...text.matchAll(STRING)]
      .map(([, double, template, single]) => double ?? template ?? single ?? "")
      .filter((string) => !/^aws:\w+\/\w+:\w+$/.test(string))
      .flatMap((string) => string.split(/[:/?&=]/)),
  );
  return names.filter((name) =>
    isUnmistakable(name)
      ? new RegExp(`(?<![\\w-])${name.replaceAll(".", "\\.")}(?![\\w-])`).test(text)
      : parts.has(name),
  );
}

describe("packages/cloud", () => {
  const names = productNames();
  const files = globSync("packages/cloud/src/**/*.ts", { cwd: ROOT });

  test("is looked at as a whole, for every name of both stacks", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.some((file) => file.endsWith(".test.ts"))).toBe(true);
    expect(names.length).toBeGreaterThan(80);
    expect(names).toEqual(
      expect.arrayContaining(["ImageActionQueue", "Inventory", "archive", "tallyman", "tallyman-reader"]),
    );
  });

  test("contains no name of a product resource", () => {
    const found = files.flatMap((file) =>
      namesIn(readFileSync(join(ROOT, file), "utf8"), names).map((name) => `${file}: ${name}`),
    );
    expect(found).toEqual([]);
  });

  test.each([
    ['const queue = "ImageActionQueue";', "ImageActionQueue"],
    ["// the ImageActionQueue has a queue of its own", "ImageActionQueue"],
    ['if (name === "Api") return;', "Api"],
    ["const bus = `arn:aws:events:${region}:${account}:event-bus/tallyman`;", "tallyman"],
    ['scheduler.run("due")', "due"],
    ["const role = { name: 'tallyman-reader' };", "tallyman-reader"],
  ])("would be caught at %s", (text, name) => {
    expect(namesIn(text, names)).toContain(name);
  });

  test.each([
    "export type Api = Policy; // due to an Inventory",
    'import { authorize } from "@tallyman/domain/iam-policy/authorize";',
    'const type = "aws:apigatewayv2/api:Api";',
  ])("is not blamed for %s", (text) => {
    expect(namesIn(text, names)).toEqual([]);
  });
});
