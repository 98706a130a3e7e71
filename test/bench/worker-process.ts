import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { buildBundle } from "./bundle-size.ts";
import type { Progress } from "./figure.ts";

/**
 * V8 takes what it is given before it collects, so the worker is given what a function of half the memory would have: were
 * 512 MB too little, it would end.
 */
const FLAGS = [
  "--max-old-space-size=256",
  "--max-semi-space-size=16",
  "--disable-warning=ExperimentalWarning",
];

/** `env`: beside what this process has. Each job runs in a fresh process. */
export type BenchWorker<Job, Result> = {
  run(job: Job, progress: Progress, env?: Readonly<Record<string, string>>): Promise<Result>;
};

/**
 * Builds a worker as functions are built, so that its memory is that of one. It gets its job as JSON in its argument and
 * prints lines: `{"progress"}`, and last `{"points"}`, which is its result.
 */
export async function withBenchWorker<Job, Result, T>(
  entry: string,
  use: (worker: BenchWorker<Job, Result>) => Promise<T>,
): Promise<T> {
  const out = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  try {
    const { file } = await buildBundle("worker", entry, out);
    return await use({
      run: async (job, progress, env = {}) => (await runIn(file, { job, env }, progress)) as Result,
    });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function runIn(
  file: string,
  { job, env }: { readonly job: unknown; readonly env: Readonly<Record<string, string>> },
  progress: Progress,
): Promise<unknown> {
  const child = spawn(process.execPath, [...FLAGS, file, JSON.stringify(job)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const failure = text(child.stderr);
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  let points: unknown;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { progress?: string; points?: unknown };
    if (said.progress !== undefined) progress(said.progress);
    points = said.points ?? points;
  }
  const code = await exited;
  if (code !== 0 || points === undefined)
    throw new Error(`the worker ended with ${code}: ${(await failure).slice(-2000)}`);
  return points;
}
