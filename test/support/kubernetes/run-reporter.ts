import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UsageItem } from "@tallyman/domain/usage/evidence";
import { TOKEN } from "./kubernetes-api.ts";

const ROOT = join(import.meta.dirname, "../../..");
export const NODE = join(ROOT, "node_modules/.bin/node");
export const REPORTER = join(ROOT, "docs/kubernetes/reporter/report.mts");

export type Env = Readonly<Record<string, string>>;
export type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
export type Report = {
  readonly scope: string;
  readonly sequence: number;
  readonly complete: boolean;
  readonly observedAt: string;
  readonly items: readonly UsageItem[];
};

export const SETTINGS: Env = {
  TALLYMAN_SOURCE: "kubernetes",
  TALLYMAN_CLUSTER: "shop",
  TALLYMAN_ACCOUNT: "444455556666",
  AWS_REGION: "us-east-1",
};

/** A file with the service account's token, as a pod has it: with the newline that an editor would leave. */
export function aTokenFile(token = TOKEN): string {
  const file = join(mkdtempSync(join(tmpdir(), "tallyman-token-")), "token");
  writeFileSync(file, `${token}\n`);
  return file;
}

export type RunOptions = {
  readonly args?: readonly string[];
  /** What is run; the reporter in the repository by default. */
  readonly command?: readonly string[];
};

/** Runs the reporter as a pod would: a process with nothing in its environment but this. */
export function runReporter(env: Env, { args = [], command = [NODE, ...QUIET, REPORTER] }: RunOptions = {}) {
  const [program = NODE, ...rest] = command;
  const child = spawn(program, [...rest, ...args], { env: { PATH: "/nonexistent", ...env }, cwd: tmpdir() });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  return new Promise<Run>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

export const QUIET = ["--disable-warning=ExperimentalWarning"];
