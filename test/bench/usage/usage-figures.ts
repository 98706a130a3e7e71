import type { Figure } from "../figure.ts";
import { countOf } from "../scale/meter.ts";
import type { UsagePoint } from "./run-usage.ts";

/** Calls by action, of both runs together. */
export type CountedPoint = UsagePoint & { readonly calls: Readonly<Record<string, number>> };

/** Revisions of task definitions are remembered up to a limit: where it is reached, a few are asked for again. */
const CALLS_GOAL = 1.02;
/** Clients are made once for each account and kept; nothing else may grow with their number. */
const MEMORY_GOAL = 512;
const MEMORY_GROWTH_GOAL = 1.5;
const TIME_GOAL = 1.25;

export function usageFigures(points: readonly CountedPoint[], pagesOfMessage: number): readonly Figure[] {
  return [...points.flatMap((point) => pointFigures(point, pagesOfMessage)), ...growthFigures(points)];
}

function pointFigures(point: CountedPoint, pagesOfMessage: number): readonly Figure[] {
  const { accounts, first, second, calls, peak } = point;
  const at = `${accounts} accounts`;
  const total = sum(calls);
  return [
    {
      what: `${at}: calls of one run`,
      value: total / 2,
      unit: "",
      note: `${round(total / 2 / accounts)} an account`,
    },
    {
      what: `${at}: pages that one message asks for, at most`,
      value: first.mostPages,
      unit: "",
      goal: pagesOfMessage,
    },
    {
      what: `${at}: messages`,
      value: first.messages,
      unit: "",
      note: `${first.pages} pages; where they are more than a message's, the next one goes on`,
    },
    {
      what: `${at}: items written by a run that finds the same again`,
      value: countOf(second.spent, "item:"),
      unit: "",
      exactly: 2 * accounts,
      note: `a state for each of two sources; the first run wrote ${countOf(first.spent, "item:")}`,
    },
    {
      what: `${at}: processor time of a run`,
      value: second.spent.processor / accounts,
      unit: "ms/account",
      note: `${round(second.spent.milliseconds / 1000)} s elapsed`,
    },
    {
      what: `${at}: memory`,
      value: peak,
      unit: "MB",
      goal: MEMORY_GOAL,
      note: "most resident memory of the worker",
    },
  ];
}

/** The largest number of accounts beside the smallest. */
function growthFigures(points: readonly CountedPoint[]): readonly Figure[] {
  const [small, large] = [points[0], points.at(-1)];
  if (!small || !large) return [];
  const times = (measure: (point: CountedPoint) => number) =>
    measure(large) / large.accounts / (measure(small) / small.accounts);
  const what = `x ${large.accounts / small.accounts}`;
  return [
    {
      what: `${what}: calls for an account`,
      value: times(({ calls }) => sum(calls)),
      unit: "times",
      goal: CALLS_GOAL,
    },
    ...(["ecs:ListTasks", "ecs:DescribeTasks", "ecs:DescribeServices", "lambda:GetFunction"] as const).map(
      (action) => ({
        what: `${what}: ${action} for an account`,
        value: times(({ calls }) => calls[action] ?? 0),
        unit: "times",
        exactly: 1,
      }),
    ),
    {
      what: `${what}: processor time for an account`,
      value: times(({ second }) => second.spent.processor),
      unit: "times",
      goal: TIME_GOAL,
    },
    { what: `${what}: memory`, value: large.peak / small.peak, unit: "times", goal: MEMORY_GROWTH_GOAL },
  ];
}

function sum(calls: CountedPoint["calls"]): number {
  return Object.values(calls).reduce((total, count) => total + count, 0);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
