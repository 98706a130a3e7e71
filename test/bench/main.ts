// `npm run bench [-- --json] [-- --only NAME]`: what the product costs and how long it takes. Progress goes to stderr.
import { parseArgs } from "node:util";
import { bundleBenchmark } from "./bundles.ts";
import { describeImagesBenchmark } from "./describe-images.ts";
import { describeMachine, loadNow } from "./machine.ts";
import { pushCostBenchmark } from "./push-cost.ts";
import { pushToVisibleBenchmark } from "./push-to-visible.ts";
import { readyTimeBenchmark } from "./ready-time.ts";
import { reconcileEmbeddedBenchmark, reconcileScaleBenchmark } from "./reconcile-scale.ts";
import { registryThroughputBenchmark } from "./registry-throughput.ts";
import { registryVsDistributionBenchmark } from "./registry-vs-distribution.ts";
import { type Result, render, reportOf } from "./report.ts";
import { usageBenchmark } from "./usage.ts";

const BENCHMARKS = [
  pushCostBenchmark,
  bundleBenchmark,
  readyTimeBenchmark,
  pushToVisibleBenchmark,
  registryThroughputBenchmark,
  registryVsDistributionBenchmark,
  describeImagesBenchmark,
  reconcileScaleBenchmark,
  reconcileEmbeddedBenchmark,
  usageBenchmark,
];

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, only: { type: "string", multiple: true } },
});
const names = BENCHMARKS.map(({ name }) => name);
const unknown = values.only?.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`There is no benchmark ${unknown}. There is: ${names.join(", ")}.`);
  process.exitCode = 2;
} else {
  await main(BENCHMARKS.filter(({ name }) => values.only?.includes(name) ?? true));
}

async function main(chosen: typeof BENCHMARKS): Promise<void> {
  const loadBefore = loadNow();
  const results: Result[] = [];
  for (const { name, title, run } of chosen) {
    const progress = (text: string) => console.error(`${name}: ${text}`);
    progress("begins");
    results.push({ name, title, figures: await run(progress) });
  }
  const report = reportOf(describeMachine(loadBefore), results);
  console.log(values.json ? JSON.stringify(report, null, 2) : render(report));
}
