import { Embedded } from "../support/embedded.ts";
import { type Benchmark, median, type Progress, spread } from "./figure.ts";
import { processorTimeOf } from "./process-usage.ts";

const STARTS = 7;

/** From starting the process to its ready line, each time with an empty data directory; compiled code is kept between. */
export const readyTimeBenchmark: Benchmark = {
  name: "ready-time",
  title: "Ready time of the embedded cloud, from the start of the process",
  async run(progress) {
    const starts: Start[] = [];
    for (let count = 1; count <= STARTS; count++) starts.push(await startOnce(progress));
    const elapsed = starts.map(({ milliseconds }) => milliseconds);
    const processor = starts.map((start) => start.processor);
    return [
      { what: "median", value: median(elapsed), unit: "ms", note: spread(elapsed, "ms") },
      { what: "processor time, median", value: median(processor), unit: "ms", note: spread(processor, "ms") },
    ];
  },
};

type Start = { readonly milliseconds: number; readonly processor: number };

async function startOnce(progress: Progress): Promise<Start> {
  const began = performance.now();
  const product = await Embedded.start();
  const milliseconds = performance.now() - began;
  const processor = processorTimeOf(product.pid);
  progress(`${Math.round(milliseconds)} ms`);
  await product.dispose();
  return { milliseconds, processor };
}
