import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { buildBundle } from "../bundle-size.ts";
import type { Progress } from "../figure.ts";
import type { ScaleJob, ScalePoint } from "./run-scale.ts";

/**
 * V8 takes what it is given before it collects, so the worker is given what a function of half the memory would have: were
 * 512 MB too little, it would end.
 */
const FLAGS = [
  "--max-old-space-size=256",
  "--max-semi-space-size=16",
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
