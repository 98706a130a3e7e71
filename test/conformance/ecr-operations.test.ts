import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as sdk from "@aws-sdk/client-ecr";
import { OPERATIONS } from "@tallyman/registry/ecr-api/operations";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
/** Later than the API's 58 operations; the documentation says that they are not there. */
const BACKFILLS = [
  "DescribeReplicationBackfillResults",
  "ListReplicationBackfills",
  "StartReplicationBackfill",
  "StopReplicationBackfill",
];
const documentation = readFileSync(join(root, "packages/registry/OPERATIONS.md"), "utf8");
const rows = [...documentation.matchAll(/^\| ([A-Z]\w+) +\| ([a-z ]+?) +\| (.*?) *\|$/gm)].map(
  ([, operation = "", state = "", note = ""]) => ({ operation, state, note }),
);
const tests = globSync(["test/{conformance,clients}/**/*.ts", "packages/{registry,cloud}/src/**/*.test.ts"], {
  cwd: root,
})
  .filter((path) => !path.endsWith("ecr-operations.test.ts"))
  .map((path) => readFileSync(join(root, path), "utf8"));

describe("the operations of the API", () => {
  test("are those of the AWS SDK, all 58", () => {
    const commands = Object.keys(sdk)
      .filter((name) => /^[A-Z]\w+Command$/.test(name))
      .map((name) => name.replace(/Command$/, ""));
    expect(commands.filter((name) => !OPERATIONS.has(name)).toSorted()).toEqual(BACKFILLS);
    expect([...OPERATIONS.keys()].filter((name) => !commands.includes(name))).toEqual([]);
    expect(OPERATIONS.size).toBe(58);
  });

  test("are the rows of the documentation, in order", () => {
    expect(rows.map(({ operation }) => operation)).toEqual([...OPERATIONS.keys()].toSorted());
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["whole", "setting", "not there"]));
    for (const name of BACKFILLS) expect(documentation).toContain(name);
  });

  test.each(rows)(
    "$operation, which is said to be $state, is called by a test of the registry",
    ({ operation }) => {
      const call = new RegExp(
        `new ${operation}Command\\(|paginate${operation}\\(|[aA]pi\\(\\s*"${operation}"`,
      );
      expect(tests.some((text) => call.test(text))).toBe(true);
    },
  );
});
