import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UsageJob } from "@tallyman/domain/usage/ports";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isMet } from "./bench/figure.ts";
import { openDiskTable } from "./bench/scale/disk-table.ts";
import { countOf, newMeter } from "./bench/scale/meter.ts";
import { type Collecting, collecting } from "./bench/usage/collecting.ts";
import { keepingBucket } from "./bench/usage/keeping-bucket.ts";
import { runUsage } from "./bench/usage/run-usage.ts";
import { fleetAnswers } from "./bench/usage/synthetic-fleet.ts";
import { usageFigures } from "./bench/usage/usage-figures.ts";
import { type AwsWire, startAwsWire, type WireAnswers } from "./support/aws-wire.ts";

// The bench `usage`, small: what it counts is held here, what it times is not.

const REGISTRY = { account: "100000000000", region: "us-east-1" };
const UNBROKEN = 1000;
/** Thousands of calls over HTTP, on machines that may be several times slower than this takes seconds. */
const PATIENCE = 240_000;

let wire: AwsWire;
let dies = false;
const endpoint = process.env["AWS_ENDPOINT_URL"];

beforeAll(async () => {
  wire = await startAwsWire(dying(fleetAnswers()));
  process.env["AWS_ENDPOINT_URL"] = wire.endpoint;
});
afterAll(async () => {
  await wire.close();
  if (endpoint === undefined) delete process.env["AWS_ENDPOINT_URL"];
  else process.env["AWS_ENDPOINT_URL"] = endpoint;
});

/** The next call is refused while `dies`, and no other after it. */
function dying(answers: WireAnswers): WireAnswers {
  const once = (action: string): WireAnswers[string] => {
    const answer = answers[action];
    return (call) => {
      if (!dies || answer === undefined) return answer?.(call) ?? { status: 404, body: {} };
      dies = false;
      return { status: 400, body: { __type: "AccessDeniedException", message: "no" } };
    };
  };
  return Object.fromEntries(Object.keys(answers).map((action) => [action, once(action)]));
}

/** Calls that `work` made. */
async function callsOf<T>(work: () => Promise<T>) {
  const before = wire.calls.length;
  const result = await work();
  const counts = Map.groupBy(wire.calls.slice(before), ({ action }) => action);
  return { result, calls: Object.fromEntries([...counts].map(([action, all]) => [action, all.length])) };
}

test("twice the accounts cost twice the calls, and the same again writes one item for each source and account", {
  timeout: PATIENCE,
}, async () => {
  const points = [];
  for (const accounts of [2, 4]) {
    const { result, calls } = await callsOf(() => runUsage({ accounts, pagesOfMessage: 8 }));
    points.push({ ...result, calls });
  }
  // This process is no worker: its memory and its time say nothing of one.
  const figures = usageFigures(points, 8).filter(
    ({ unit, what }) => !/MB|ms/.test(unit) && !/time|memory/.test(what),
  );
  expect(figures.filter((figure) => isMet(figure) === false)).toEqual([]);
  expect(figures.filter((figure) => isMet(figure) === true)).toHaveLength(9);
});

test("a collection in messages of any length asks for the same and says the same", {
  timeout: PATIENCE,
}, async () => {
  const whole = await collected(UNBROKEN);
  for (const pagesOfMessage of [1, 3, 8]) {
    const parts = await collected(pagesOfMessage);
    expect(parts.calls).toEqual(whole.calls);
    expect(parts.report).toEqual(whole.report);
    expect(parts.mostPages).toBe(pagesOfMessage);
  }
});

test("a worker that dies at any page goes on from its message's first page, and the report is the same", {
  timeout: PATIENCE,
}, async () => {
  const whole = await collected(UNBROKEN);
  const pagesOfMessage = 4;
  for (const page of [0, 3, 4, 9, whole.pages - 1]) {
    const broken = await collected(pagesOfMessage, page);
    expect([page, broken.report]).toEqual([page, whole.report]);
    expect(broken.failures).toBe(1);
    expect(broken.pages - whole.pages).toBeLessThan(pagesOfMessage);
  }
});

/** ECS of one account, collected to its end; asking for page `diesAt` fails the first time. */
async function collected(pagesOfMessage: number, diesAt?: number) {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-usage-"));
  const meter = newMeter();
  const table = openDiskTable(directory, meter);
  try {
    const bucket = keepingBucket(join(directory, "bucket"), meter);
    let asked = 0;
    const beforePage = () => {
      dies = asked++ === diesAt;
    };
    const it = collecting({ registries: [REGISTRY], table, bucket, pagesOfMessage, beforePage });
    const { result, calls } = await callsOf(() => handleAll(it));
    const report = await it.report("ecs", REGISTRY);
    if (report === undefined) throw new Error("there is no report");
    expect(countOf({ counts: meter.counts() }, "item:")).toBeGreaterThan(report.items.length / 2);
    return { ...result, calls, report: report.items };
  } finally {
    table.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function handleAll(it: Collecting) {
  let [pages, mostPages, failures] = [0, 0, 0];
  const first = { kind: "collect", source: "ecs", ...REGISTRY, run: "run", part: 0 } as const;
  for (let jobs: readonly UsageJob[] = [first]; jobs.length > 0; jobs = it.queued())
    for (const job of jobs) {
      const asked = await it.handle(job).catch(async (error: unknown) => {
        expect(error).toMatchObject({ code: "USAGE_UNAVAILABLE" });
        failures += 1;
        return it.handle(job);
      });
      mostPages = Math.max(mostPages, asked);
      pages += asked;
    }
  return { pages, mostPages, failures };
}
