import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { buildBundle } from "../bundle-size.ts";
import type { Progress } from "../figure.ts";
import type { ScaleJob, ScalePoint } from "./run-scale.ts";

/** The function's memory (stacks/consumers.ts), of which Lambda gives 90 % to V8's old and 5 % to its young generation. */
const FUNCTION_MB = 1024;
const FLAGS = [
  `--max-old-space-size=${Math.floor(FUNCTION_MB * 0.9)}`,
  `--max-semi-space-size=${Math.floor(FUNCTION_MB * 0.05)}`,
  "--disable-warning=ExperimentalWarning",
];

export type ScaleWorker = { run(job: ScaleJob, progress: Progress): Promise<readonly ScalePoint[]> };

/** Builds the worker; each job runs in a fresh process. */
export async function withScaleWorker<T>(use: (worker: ScaleWorker) => Promise<T>): Promise<T> {
  const out = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  try {
    const { file } = await buildBundle("scale", "test/bench/scale/scale-worker.ts", out);
    return await use({ run: (job, progress) => runIn(file, job, progress) });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function runIn(file: string, job: ScaleJob, progress: Progress): Promise<readonly ScalePoint[]> {
  const child = spawn(process.execPath, [...FLAGS, file, JSON.stringify(job)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const failure = text(child.stderr);
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  let points: readonly ScalePoint[] | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { progress?: string; points?: readonly ScalePoint[] };
    if (said.progress !== undefined) progress(said.progress);
    points = said.points ?? points;
  }
  const code = await exited;
  if (code !== 0 || points === undefined)
    throw new Error(`the worker ended with ${code}: ${(await failure).slice(-2000)}`);
  return points;
}
