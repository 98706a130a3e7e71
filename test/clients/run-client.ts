import { execFile, spawnSync } from "node:child_process";

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** The client's path, or undefined outside CI when it is not installed; in CI a missing client is an error. */
export function findClient(name: string, path = name): string | undefined {
  if (spawnSync(path, ["--version"]).status === 0) return path;
  if (process.env["CI"] === "true") throw new Error(`${name} is not installed; .ci/run installs it`);
  console.warn(`${name} is not installed: its tests are skipped (on Debian: apt-get install ${name})`);
  return undefined;
}

/** Runs a real client to its end. Never throws on a non-zero exit: the caller asserts `code`. */
export function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      command,
      [...args],
      { env: { ...process.env, ...env }, maxBuffer: 16 << 20 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}
