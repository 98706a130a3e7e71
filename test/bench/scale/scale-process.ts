import { type BenchWorker, withBenchWorker } from "../worker-process.ts";
import type { ScaleJob, ScalePoint } from "./run-scale.ts";

export type ScaleWorker = BenchWorker<ScaleJob, readonly ScalePoint[]>;

/** Builds the worker; each job runs in a fresh process. */
export function withScaleWorker<T>(use: (worker: ScaleWorker) => Promise<T>): Promise<T> {
  return withBenchWorker("test/bench/scale/scale-worker.ts", use);
}
