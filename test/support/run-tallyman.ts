import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { run } from "@tallyman/cli/main";
import { terminal } from "@tallyman/cli/output/terminal";

export type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
export type RunOptions = {
  readonly endpoint?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Like `| head -c0`. */
  readonly closeOutputEarly?: boolean;
};

const COMMAND = join(import.meta.dirname, "../../packages/cli/bin/tallyman.mjs");
/** No AWS configuration of whoever runs the tests. */
const home = mkdtempSync(join(tmpdir(), "tallyman-home-"));

/** Spawns the real command with a clean environment, as a script would. */
export function runTallyman(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { endpoint, env = {}, cwd = process.cwd() } = options;
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      HOME: home,
      PATH: process.env["PATH"] ?? "",
      ...(endpoint === undefined ? {} : { TALLYMAN_ENDPOINT: endpoint }),
      ...env,
    },
  });
  if (options.closeOutputEarly === true) child.stdout.destroy();
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (output.stderr += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output }));
  });
}

/** The same command in this process, signing as the embedded administrator: for tables of cases. */
export async function callTallyman(args: readonly string[], endpoint: string): Promise<Run> {
  const stdout = new Collected();
  const stderr = new Collected();
  const code = await run(terminal(stdout, stderr), { TALLYMAN_ENDPOINT: endpoint }, args);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Collected extends Writable {
  text = "";
  override _write(chunk: unknown, _: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}
