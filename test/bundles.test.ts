import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Bundle, buildFunctions, functionNames } from "../scripts/build-functions.ts";
import { buildBundle } from "./bench/bundle-size.ts";
import { FUNCTION_ENVIRONMENT } from "./builders/function-environment.ts";

// Outside the repository: what a bundle does not bring with it is not found.
const folder = mkdtempSync(join(tmpdir(), "bundles-"));
const out = join(folder, "functions");
let bundles: readonly Bundle[];

beforeAll(async () => {
  bundles = await buildFunctions({ out });
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Loads a bundle as Lambda does, in a process of its own, and answers what it printed. */
function load(name: string, environment: Readonly<Record<string, string>>) {
  const url = pathToFileURL(join(out, name, "bundle.mjs")).href;
  const script = `const { handler } = await import(${JSON.stringify(url)}); process.stdout.write(typeof handler);`;
  return spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...environment },
    encoding: "utf8",
  });
}

test("every function of the map is built", () => {
  expect(functionNames()).toEqual([
    "api",
    "collect-usage",
    "due",
    "image-action",
    "notify",
    "reconcile",
    "recount",
    "replica-check",
    "replication-action",
    "trail-action",
    "usage-action",
  ]);
});

test.each(functionNames())("%s loads by itself and exports its handler", (name) => {
  const { stdout, stderr } = load(name, FUNCTION_ENVIRONMENT);
  expect({ stdout, stderr }).toEqual({ stdout: "function", stderr: "" });
});

test.each(functionNames())("%s without its environment names what is missing", (name) => {
  const { status, stderr } = load(name, { AWS_REGION: "us-east-1" });
  expect(status).not.toBe(0);
  expect(stderr).toContain("TABLE_NAME");
});

test.each([
  ["image-action", 620_000],
  ["api", 1_000_000],
])("%s stays within %i bytes", (name, budget) => {
  const files = readdirSync(join(out, name));
  const bytes = files.reduce((sum, file) => sum + statSync(join(out, name, file)).size, 0);
  expect(bundles.find((bundle) => bundle.name === name)?.bytes).toBe(bytes);
  expect(bytes).toBeLessThanOrEqual(budget);
});

// What a start reads, it pays for in time: each of these was found there once (docs/decisions/0007-zod-mini.md).
const LATER = {
  "the engine for regular expressions": /\/re2js\//,
  "zod's large form": /\/zod\/v4\/classic\//,
  "messages in other languages": /\/zod\/v4\/locales\/(?!en\.js|index\.js)/,
  "the queues' client": /\/client-sqs\//,
  "the parameters' client": /\/client-ssm\//,
  semver: /\/semver\//,
};

test.each<[string, readonly (keyof typeof LATER)[]]>([
  ["image-action", []],
  ["replication-action", []],
  ["trail-action", []],
  ["replica-check", []],
  ["due", ["the queues' client"]],
  ["notify", ["the queues' client"]],
  ["reconcile", ["the queues' client"]],
  ["recount", []],
  ["usage-action", []],
  ["collect-usage", ["the queues' client"]],
  // Its routes are described by a library that knows the large form only.
  ["api", ["zod's large form"]],
])(
  "a start of %s reads nothing that only some requests need but %j",
  async (name, expected) => {
    const { coldSources } = await buildBundle(name, `functions/${name}/main.ts`, join(folder, "cold"));
    expect(coldSources.length).toBeGreaterThan(100);
    const read = Object.entries(LATER).filter(([, path]) => coldSources.some((source) => path.test(source)));
    expect(read.map(([what]) => what)).toEqual(expected);
  },
  60_000,
);

test("the same sources give the same bytes", async () => {
  const name = "image-action";
  const again = join(folder, "again");
  await buildFunctions({ out: again, names: [name] });
  const files = readdirSync(join(out, name));
  expect(readdirSync(join(again, name))).toEqual(files);
  for (const file of files) {
    expect(readFileSync(join(again, name, file)).equals(readFileSync(join(out, name, file)))).toBe(true);
  }
}, 300_000);

test("the build stops at a policy that is wrong, naming place and remedy", () => {
  const policy = join(folder, "wrong.yaml");
  writeFileSync(policy, "version: 1\ntaging: {}\n");
  const script = join(import.meta.dirname, "..", "scripts", "build.ts");
  const { status, stderr } = spawnSync(
    process.execPath,
    [script, "--policy", policy, "--out", join(folder, "dist")],
    { encoding: "utf8" },
  );
  expect(status).toBe(1);
  expect(stderr).toBe(
    `${policy}:2:1: taging: unknown key "taging"; allowed here: access, inventory, notify, tagging, usage, version\n`,
  );
});
