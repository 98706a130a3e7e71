import { type MetricReading, metricsSince } from "../metrics/metrics.ts";
import type { ScheduleRun } from "../schedules/scheduler.ts";
import type { CloudParts } from "../start-cloud.ts";
import { ControlError } from "./control.ts";
import { type IdleSources, waitUntilIdle } from "./idle.ts";

export type RunRequest = {
  readonly name: string;
  /** How long to wait until nothing is under way any more, in seconds; 0: not at all. */
  readonly wait: number;
};

/** `idle`: everything that followed is done; false: the wait ended first. `metrics`: what functions counted meanwhile. */
export type RunReport = ScheduleRun & {
  readonly idle: boolean;
  readonly metrics: readonly MetricReading[];
};

/** Runs a schedule now, waits for what follows, and reports what functions counted: the difference that it made. */
export async function runSchedule(
  { messaging, metrics }: CloudParts,
  sources: IdleSources,
  { name, wait }: RunRequest,
): Promise<ScheduleRun | RunReport> {
  const before = metrics.readings();
  const run = messaging.scheduler.run(name);
  if (run === undefined) throw unknownSchedule(name, messaging.scheduler.names());
  if (wait === 0) return run;
  const { idle } = await waitUntilIdle(sources, wait);
  return { ...run, idle, metrics: metricsSince(before, metrics.readings()) };
}

function unknownSchedule(name: string, names: readonly string[]): ControlError {
  return new ControlError(404, `There is no schedule ${name}. There is: ${names.join(", ")}.`);
}
