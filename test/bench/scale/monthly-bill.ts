import { type Counts, countOf, plusCounts, type Spent } from "./meter.ts";
import { MB_OF_ONE_PROCESSOR, PRICES, WAITS } from "./prices.ts";
import type { ScalePoint } from "./run-scale.ts";

/** USD a month by service. */
export type Bill = {
  readonly what: string;
  readonly dynamodb: number;
  readonly lambda: number;
  readonly s3: number;
  readonly sqs: number;
  readonly eventbridge: number;
};

/** What one push asked for, counted at the wire; without the count that it leads to. */
export type PushCost = {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly registryReads: number;
  readonly objects: number;
};

const DAYS = 365 / 12;
const HOURS = DAYS * 24;
const PUSHES = 1_000_000;
const CHANGED = 0.01;
const FUNCTION_GB = 1;
/** A sweep has so many images under way at once while it learns them (packages/domain/src/reconcile/sweep-repository.ts). */
const AT_ONCE = 16;
/** Received and deleted, each message alone. */
const RECEIVED = 2;

export function total({ dynamodb, lambda, s3, sqs, eventbridge }: Bill): number {
  return dynamodb + lambda + s3 + sqs + eventbridge;
}

/** A month of a registry of a million images, from what was counted over `point`, and the first reconcile, which is once. */
export function billsOf(
  point: ScalePoint,
  push: PushCost,
): { readonly once: Bill; readonly monthly: readonly Bill[] } {
  const million = 1_000_000 / point.images;
  const { first, second, listing, totals, changed, recounts } = point;
  const hourly = [scaled(changed, HOURS), scaled(second, CHANGED * HOURS), scaled(totals, HOURS)];
  return {
    once: run("the first reconcile, once", [first, listing, totals].map(by(million)), AT_ONCE),
    monthly: [
      run("everything, every day", [second, listing, totals].map(by(million * DAYS)), 1),
      run("every hour, 1 % of repositories", hourly.map(by(million)), 1),
      pushes(push),
      run("their counts, spread evenly", [by(PUSHES / point.repositories)(counted(recounts))], 1),
      storage(first.counts, million),
    ],
  };
}

/** The dearest case of the counts: whoever has more images is pushed to more often, and no two pushes share a count. */
export function dearestCounts({ recounts, recountsOfImages, images }: ScalePoint): Bill {
  const perImage = recounts.processor / images;
  const weight = (recountsOfImages["units:read"] ?? 0) / (recounts.counts["units:read"] ?? 1);
  const spent = { milliseconds: 0, processor: perImage * weight * images, counts: recountsOfImages };
  return run("their counts, spread as images are", [by(PUSHES / images)(counted(spent))], 1);
}

/** The message that asks for a count, and its invocation. */
function counted(spent: Spent): Spent {
  const invocations = spent.counts["item:summary"] ?? 0;
  const counts = plusCounts(spent.counts, {
    "lambda:invocations": invocations,
    "sqs:SendMessage": invocations,
  });
  return { ...spent, counts };
}

const by = (times: number) => (spent: Spent) => scaled(spent, times);

function scaled({ milliseconds, processor, counts }: Spent, times: number): Spent {
  return {
    milliseconds: milliseconds * times,
    processor: processor * times,
    counts: plusCounts({}, counts, times),
  };
}

function run(what: string, parts: readonly Spent[], atOnce: number): Bill {
  const counts = parts.reduce<Counts>((sum, part) => plusCounts(sum, part.counts), {});
  const processor = parts.reduce((sum, part) => sum + part.processor, 0);
  const invocations = counts["lambda:invocations"] ?? 0;
  return {
    what,
    dynamodb: units(counts),
    lambda: lambda(invocations, { processor, waits: waitsOf(counts) / atOnce }),
    s3: (counts["s3:PutObject"] ?? 0) * PRICES.s3Put + (counts["s3:GetObject"] ?? 0) * PRICES.s3Get,
    sqs: (countOf({ counts }, "sqs:") + invocations * RECEIVED) * PRICES.sqsFifo,
    eventbridge: 0,
  };
}

function units(counts: Counts): number {
  const [write, read] = [counts["units:write"] ?? 0, counts["units:read"] ?? 0];
  return write * PRICES.dynamodbWrite + read * PRICES.dynamodbRead;
}

function lambda(invocations: number, time: { readonly processor: number; readonly waits: number }): number {
  const slower = MB_OF_ONE_PROCESSOR / (FUNCTION_GB * 1024);
  const seconds = (time.processor * slower + time.waits) / 1000;
  return invocations * PRICES.lambdaInvocation + seconds * FUNCTION_GB * PRICES.lambdaGbSecond;
}

function waitsOf(counts: Counts): number {
  return Object.entries(counts).reduce((sum, [name, count]) => {
    const wait = Object.entries(WAITS).find(([prefix]) => name.startsWith(prefix))?.[1] ?? 0;
    return sum + count * wait;
  }, 0);
}

/** Each push alone in its batch: an event that is forwarded, delivered to a queue, received and deleted there. */
function pushes({ writeUnits, readUnits, registryReads, objects }: PushCost): Bill {
  // A call of the table takes a unit at least.
  const waits =
    registryReads * (WAITS["ecr:"] ?? 0) +
    objects * (WAITS["s3:"] ?? 0) +
    (writeUnits + readUnits) * (WAITS["dynamodb:"] ?? 0);
  return {
    what: "1,000,000 pushes",
    dynamodb: PUSHES * units({ "units:write": writeUnits, "units:read": readUnits }),
    lambda: lambda(PUSHES, { processor: PUSHES * PUSH_PROCESSOR_MS, waits: PUSHES * waits }),
    s3: PUSHES * objects * PRICES.s3Put,
    sqs: PUSHES * (1 + RECEIVED) * PRICES.sqsStandard,
    eventbridge: PUSHES * PRICES.forwardedEvent,
  };
}

/** What image-action computes for one event, about (docs/benchmarks.md, "Push -> visible": 19 ms with the whole cloud). */
const PUSH_PROCESSOR_MS = 10;

function storage(counts: Counts, million: number): Bill {
  const gb = (name: string) => ((counts[name] ?? 0) * million) / 2 ** 30;
  return {
    what: "storage",
    dynamodb:
      (gb("stored:items") + gb("stored:indexes")) * PRICES.dynamodbGbMonth +
      gb("stored:items") * PRICES.dynamodbBackupGbMonth,
    lambda: 0,
    s3: gb("stored:objects") * PRICES.s3GbMonth,
    sqs: 0,
    eventbridge: 0,
  };
}
