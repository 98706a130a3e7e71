import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { AdminApi } from "./admin-api.ts";
import { until } from "./until.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** The running product, as `npm start` runs it: a process of its own on a free port, with a data directory of its own. */
export class Embedded {
  readonly url: string;
  readonly api: AdminApi;
  readonly output: readonly string[];
  readonly directory: string;
  readonly #process: ChildProcess;

  private constructor(
    process: ChildProcess,
    started: { url: string; output: readonly string[]; directory: string },
  ) {
    this.#process = process;
    this.url = started.url;
    this.output = started.output;
    this.directory = started.directory;
    this.api = new AdminApi(started.url);
  }

  /** Starts it and waits for the ready line. `directory`: state to go on with (a new empty one by default). */
  static async start(args: readonly string[] = ["--no-demo"], directory?: string): Promise<Embedded> {
    const data = directory ?? mkdtempSync(join(tmpdir(), "tallyman-test-"));
    const child = spawn(
      join(ROOT, "node_modules", ".bin", "node"),
      [
        "--disable-warning=ExperimentalWarning",
        "packages/cloud/src/main.ts",
        "--port",
        "0",
        "--data",
        data,
        ...args,
      ],
      { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] },
    );
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => output.push(line));
    const url = await until("the ready line", () => {
      if (child.exitCode !== null) throw new Error(`the product stopped at start:\n${output.join("\n")}`);
      return output
        .map((line) => /Tallyman ready on (\S+)/.exec(line)?.[1])
        .find((found) => found !== undefined);
    });
    return new Embedded(child, { url, output, directory: data });
  }

  /** Of the process that runs it. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  async control(method: "GET" | "POST", path: string, body: unknown = {}): Promise<Record<string, unknown>> {
    const response = await fetch(new URL(`/_embedded/${path}`, this.url), {
      method,
      ...(method === "POST"
        ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
        : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /_embedded/${path}: ${response.status} ${text}`);
    return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  }

  /** Ends at once with the refusals when IAM refused something, instead of waiting for what cannot come. */
  async until<T>(what: string, probe: () => Promise<T | undefined | false>, deadlineMs?: number): Promise<T> {
    try {
      return await until(what, probe, deadlineMs);
    } catch (error) {
      const denials = await this.control("GET", "denials").catch(() => ({}));
      throw new Error(
        `${String(error)}\nrefused: ${JSON.stringify(denials)}\n${this.output.slice(-25).join("\n")}`,
        { cause: error },
      );
    }
  }

  /**
   * Waits until the cloud itself says that nothing is under way: what is not there then does not come by itself. Long
   * enough for a message that failed once, as one may on a busy machine: it comes again after its visibility timeout.
   */
  async atRest(deadlineMs = 480_000): Promise<void> {
    let report: Record<string, unknown> = {};
    const rests = async () => {
      report = await this.control("GET", "idle?wait=20");
      return report["idle"] === true;
    };
    await this.until("nothing is under way", rests, deadlineMs).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(report)}`, { cause: error });
    });
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const exited = new Promise<number | null>((resolve) => this.#process.once("exit", resolve));
    if (this.#process.exitCode === null) this.#process.kill(signal);
    const code = this.#process.exitCode ?? (await exited);
    return code;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
