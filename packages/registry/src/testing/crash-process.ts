import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { remoteServer, type Served } from "./registry-client.ts";

/** A registry in a process of its own, to be killed. */
export type CrashProcess = {
  readonly server: Served;
  /** At once, without a chance to clean up; resolves when it is gone, also when it was before. */
  kill(): Promise<void>;
};

/** Serves what is in the directory; see `crash-child.ts` for what it does besides. */
export async function startCrashProcess(directory: string, mode?: "lifecycle"): Promise<CrashProcess> {
  const script = join(import.meta.dirname, "crash-child.ts");
  const args = [script, directory, ...(mode === undefined ? [] : [mode])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [url] = await once(createInterface({ input: child.stdout }), "line");
  return { server: remoteServer(String(url)), kill: () => killed(child) };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
