import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { until } from "../support/until.ts";
import { type Ran, run } from "./run-client.ts";

/** Debian's, not a newer one that happens to come first in the path. */
export const DOCKER = "/usr/bin/docker";
export const DOCKERD = "/usr/sbin/dockerd";

/** No networks and plain directories as layers: what is left to it works wherever it may mount. */
const HARMLESS = [
  ...["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"],
  ...["--storage-driver=vfs", "--insecure-registry=127.0.0.0/8"],
];

/** A Docker daemon of this test's own, beside any other, and the client that talks to it. */
export class DockerDaemon {
  readonly directory: string;
  readonly #process: ChildProcess;

  private constructor(directory: string, process: ChildProcess) {
    this.directory = directory;
    this.#process = process;
  }

  /** `undefined`, with the reason as a warning, where a daemon cannot run: without root, or without privileges. */
  static async start(): Promise<DockerDaemon | undefined> {
    const directory = mkdtempSync(join(tmpdir(), "dockerd-"));
    const at = (name: string) => join(directory, name);
    writeFileSync(at("daemon.json"), "{}"); // Not the machine's.
    const child = spawn(
      DOCKERD,
      [
        ...HARMLESS,
        ...["--host", `unix://${at("docker.sock")}`, "--pidfile", at("pid")],
        ...["--data-root", at("data"), "--exec-root", at("exec"), "--config-file", at("daemon.json")],
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => output.push(line));
    const daemon = new DockerDaemon(directory, child);
    const answers = async () => (await daemon.docker("version")).code === 0;
    if (await until("docker's daemon answers or has ended", async () => hasEnded(child) || answers()))
      if (!hasEnded(child)) return daemon;
    console.warn(`docker's tests are skipped: its daemon does not run here: ${output.at(-1)}`);
    await daemon.dispose();
    return undefined;
  }

  /** `docker <args>`, with a configuration of its own. */
  docker(...args: readonly string[]): Promise<Ran> {
    return run(DOCKER, args, this.env());
  }

  env(): Readonly<Record<string, string>> {
    return {
      DOCKER_HOST: `unix://${join(this.directory, "docker.sock")}`,
      DOCKER_CONFIG: join(this.directory, "config"),
      DOCKER_BUILDKIT: "0",
    };
  }

  /** The socket of the containerd under it. */
  get containerd(): string {
    return join(this.directory, "exec", "containerd", "containerd.sock");
  }

  async dispose(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    if (!hasEnded(this.#process)) await ended;
    if (existsSync(this.directory)) rmSync(this.directory, { recursive: true, force: true });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
