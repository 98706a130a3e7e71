import { Cron } from "croner";

export class ScheduleExpressionError extends Error {
  readonly code = "ValidationException";

  constructor(expression: string, problem: string, cause?: unknown) {
    super(`Schedule expression ${expression} is not valid: ${problem}`, { cause });
    this.name = "ScheduleExpressionError";
  }
}

/** When a schedule runs. */
export type ScheduleExpression =
  | { readonly kind: "rate"; readonly milliseconds: number }
  /** `next`: the first time after `from`; undefined: never again. */
  | { readonly kind: "cron"; readonly next: (from: Date) => Date | undefined };

const units: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `at(2026-11-22T08:00:00)` too, once, in the schedule's time zone: EventBridge's rules have no such schedule, Scheduler's have. */
export function parseSchedulerExpression(expression: string, timezone: string): ScheduleExpression {
  const [, time] = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression) ?? [];
  return time === undefined
    ? parseScheduleExpression(expression, timezone)
    : byCroner(expression, () => new Cron(time, { timezone }));
}

/**
 * Reads `rate(5 minutes)` and `cron(15 10 ? * MON-FRI *)` as EventBridge Scheduler does (User Guide, "Schedule types").
 * `at(...)` is not offered.
 */
export function parseScheduleExpression(expression: string, timezone: string): ScheduleExpression {
  const [, kind, inner = ""] = /^(rate|cron)\((.+)\)$/.exec(expression) ?? [];
  if (kind === "rate") return parseRate(expression, inner);
  if (kind === "cron") return parseCron(expression, inner, timezone);
  throw new ScheduleExpressionError(expression, "it is neither rate(...) nor cron(...)");
}

function parseRate(expression: string, inner: string): ScheduleExpression {
  const [, value = "", unit = "", plural = ""] = /^(\d+) (minute|hour|day)(s?)$/.exec(inner) ?? [];
  const count = Number(value);
  if (count < 1)
    throw new ScheduleExpressionError(expression, "a rate is a positive number of minutes, hours or days");
  if ((count === 1) === (plural === "s"))
    throw new ScheduleExpressionError(expression, "one takes the singular, more take the plural");
  return { kind: "rate", milliseconds: count * (units[unit] ?? 0) };
}

/**
 * AWS: minute, hour, day of month, month, day of week (1 = Sunday), year; one of the two day fields is `?`. croner: a
 * seconds field first, `*` for `?`, and `alternativeWeekdays` for the same numbering of days.
 */
function parseCron(expression: string, inner: string, timezone: string): ScheduleExpression {
  const fields = inner.trim().split(/\s+/);
  if (fields.length !== 6) throw new ScheduleExpressionError(expression, "cron takes six fields");
  if ((fields[2] === "?") === (fields[4] === "?"))
    throw new ScheduleExpressionError(expression, "exactly one of day of month and day of week is ?");
  const pattern = ["0", ...fields.map((field) => (field === "?" ? "*" : field))].join(" ");
  const options = { timezone, alternativeWeekdays: true, sloppyRanges: true };
  return byCroner(expression, () => new Cron(pattern, options));
}

function byCroner(expression: string, make: () => Cron): ScheduleExpression {
  try {
    const cron = make();
    cron.nextRun(new Date(0)); // A time zone that there is not is found out only now.
    return { kind: "cron", next: (from) => cron.nextRun(from) ?? undefined };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ScheduleExpressionError(expression, problem, error);
  }
}
