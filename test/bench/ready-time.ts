import { Embedded } from "../support/embedded.ts";
import { type Benchmark, median, type Progress, spread } from "./figure.ts";

const STARTS = 7;

/** From starting the process to its ready line, each time with an empty data directory. */
export const readyTimeBenchmark: Benchmark = {
  name: "ready-time",
  title: "Ready time of the embedded cloud, from the start of the process",
  async run(progress) {
    const samples: number[] = [];
    for (let count = 1; count <= STARTS; count++) samples.push(await startOnce(progress));
    return [{ what: "median", value: median(samples), unit: "ms", note: spread(samples, "ms") }];
  },
};

async function startOnce(progress: Progress): Promise<number> {
  const began = performance.now();
  const product = await Embedded.start();
  const milliseconds = performance.now() - began;
  progress(`${Math.round(milliseconds)} ms`);
  await product.dispose();
  return milliseconds;
}
