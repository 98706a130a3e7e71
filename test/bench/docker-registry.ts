import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { until } from "../support/until.ts";
import type { Target } from "./wire-client.ts";

export type DockerRegistry = {
  readonly target: Target;
  readonly pid: number;
  dispose(): Promise<void>;
};

/** Its own word on its version; undefined: it is not installed. */
export function dockerRegistryVersion(): string | undefined {
  const ran = spawnSync("docker-registry", ["--version"], { encoding: "utf8" });
  return ran.status === 0 ? ran.stdout.trim() : undefined;
}

/**
 * Debian's `docker-registry` with the settings of its package (file system driver, blob descriptors cached in memory,
 * deletions allowed), but on a free port of loopback, without passwords and without a log of requests. It syncs every
 * file's data before it acknowledges (seen with strace in 2.8.2: twice), never a directory.
 */
export async function startDockerRegistry(): Promise<DockerRegistry> {
  const directory = mkdtempSync(join(tmpdir(), "docker-registry-bench-"));
  const config = join(directory, "config.yml");
  writeFileSync(config, configOf(join(directory, "data")));
  const child = spawn("docker-registry", ["serve", config], { stdio: ["ignore", "ignore", "pipe"] });
  const output: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => output.push(line));
  const port = await until("docker-registry listens", () => {
    if (child.exitCode !== null) throw new Error(`docker-registry stopped:\n${output.join("\n")}`);
    return output.map((line) => /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]).find(Boolean);
  });
  return {
    target: { name: "docker-registry", port: Number(port), credentials: "" },
    pid: child.pid ?? 0,
    async dispose() {
      await stop(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function configOf(data: string): string {
  return `version: 0.1
log: { level: info, accesslog: { disabled: true } }
storage:
  cache: { blobdescriptor: inmemory }
  filesystem: { rootdirectory: ${JSON.stringify(data)} }
  delete: { enabled: true }
http: { addr: "127.0.0.1:0", secret: bench }
`;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await exited;
}
