import { startAwsWire } from "../support/aws-wire.ts";
import type { Benchmark, Figure, Progress } from "./figure.ts";
import type { UsagePoint, UsageRun } from "./usage/run-usage.ts";
import { fleetAnswers } from "./usage/synthetic-fleet.ts";
import { taskStarts } from "./usage/task-starts.ts";
import { type CountedPoint, usageFigures } from "./usage/usage-figures.ts";
import { type BenchWorker, withBenchWorker } from "./worker-process.ts";

const ACCOUNTS = [50, 100, 200];
const TASKS = 10_000;
/** So few that an account's ECS takes several messages. */
const PAGES_OF_MESSAGE = 8;

/** What evidence of use costs: collecting from many accounts, and the events of a fleet that starts. */
export const usageBenchmark: Benchmark = {
  name: "usage",
  title: "Usage: collecting from 50, 100 and 200 accounts; 10,000 tasks that start in an hour",
  async run(progress) {
    return [...(await collectingFigures(progress)), ...(await taskStarts(TASKS, progress))];
  },
};

async function collectingFigures(progress: Progress): Promise<readonly Figure[]> {
  return withBenchWorker("test/bench/usage/usage-worker.ts", async (worker: UsageWorker) => {
    const points: CountedPoint[] = [];
    for (const accounts of ACCOUNTS) {
      points.push(await collectFrom(worker, accounts, progress));
      progress(`collected from ${accounts} accounts`);
    }
    return usageFigures(points, PAGES_OF_MESSAGE);
  });
}

type UsageWorker = BenchWorker<UsageRun, UsagePoint>;

/** The wire is this process's, so that none of its memory is the worker's. */
async function collectFrom(worker: UsageWorker, accounts: number, progress: Progress): Promise<CountedPoint> {
  const wire = await startAwsWire(fleetAnswers());
  try {
    const env = { AWS_ENDPOINT_URL: wire.endpoint };
    const point = await worker.run({ accounts, pagesOfMessage: PAGES_OF_MESSAGE }, progress, env);
    return { ...point, calls: wire.counts() };
  } finally {
    await wire.close();
  }
}
