import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Run, runTallyman } from "../support/run-tallyman.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "tallyman-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(folder, "tallyman.yaml");
  writeFileSync(path, text);
  return path;
}

/** `npm run build -- --policy FILE --out DIR` without npm around it. */
function build(policy: string, out: string): Promise<Run> {
  const args = ["scripts/build.ts", "--quiet", "--policy", policy, "--out", out];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (output.stderr += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output }));
  });
}

const UNKNOWN_KEY = `version: 1
tagging:
  rules:
    - name: prod
      repositories: ["prod/**"]
      alow: [latest]
`;

describe("a policy that is wrong", () => {
  test.each([
    ["an unknown key", UNKNOWN_KEY, /:6:7: .*unknown key "alow"; allowed here: allow, deny/],
    ["broken YAML", "version: 1\ntagging: [a\n", /:\d+:\d+: /],
    ["an alias bomb", bomb(), /:1:1: Excessive alias count/],
    ["nothing in it", "", /:1:1: /],
  ])("with %s stops the build, which names line and column and writes nothing", async (_, text, problem) => {
    const out = join(folder, "dist");
    const policy = file(text);
    const built = await build(policy, out);
    expect(built).toMatchObject({ code: 1, stdout: "" });
    expect(built.stderr.startsWith(`${policy}:`)).toBe(true);
    expect(built.stderr).toMatch(problem);
    expect(built.stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(out)).toBe(false);
  });

  test("is told by the command, to people and to programs", async () => {
    const policy = file(UNKNOWN_KEY);
    const told = await runTallyman(["policy", "check", policy]);
    expect(told).toMatchObject({ code: 1, stdout: "" });
    expect(told.stderr).toContain(`${policy}:6:7: tagging.rules.0.alow: unknown key "alow"`);

    const json = await runTallyman(["--json", "policy", "check", policy]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ file: policy, problems: [{ line: 6, column: 7 }, {}] });
  });
});

test("a policy that is right passes both", async () => {
  const policy = join(ROOT, "tallyman.yaml");
  expect(await runTallyman(["policy", "check", policy])).toMatchObject({ code: 0, stderr: "" });
});

function bomb(): string {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  return names
    .map(
      (name, i) =>
        `${name}: &${name} [${Array(10)
          .fill(i === 0 ? "x" : `*${names[i - 1]}`)
          .join(", ")}]`,
    )
    .join("\n");
}
