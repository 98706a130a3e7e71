import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { functionNames } from "../../scripts/build-functions.ts";
import { FUNCTION_ENVIRONMENT } from "../builders/function-environment.ts";
import { type BuiltBundle, buildBundle } from "./bundle-size.ts";
import { type Benchmark, type Figure, median, type Progress, spread } from "./figure.ts";
import { firstMessageFigures } from "./first-message.ts";

const STARTS = 30;
const LOADER = join(import.meta.dirname, "load-bundle.mjs");
const BASE = "sdk-only";
const GOALS: Readonly<Record<string, { readonly bytes: number; readonly ratio: number }>> = {
  "image-action": { bytes: 620_000, ratio: 1.5 },
  api: { bytes: 1_000_000, ratio: 2 },
};

/**
 * Bytes are exact. Times are medians of starts in fresh processes, taken in turns, so that whatever else the machine does
 * falls on all bundles alike; the ratio is to a bundle that only creates the ECR and DynamoDB clients.
 */
export const bundleBenchmark: Benchmark = {
  name: "bundles",
  title: "Bundles: bytes, and init time against a bundle of the SDK's clients alone",
  async run(progress) {
    const out = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
    try {
      const bundles = await buildAll(out);
      progress(`${bundles.length} bundles built; ${STARTS} starts of each`);
      const starts = figuresOf(bundles, startInTurns(bundles, progress));
      progress("first messages");
      return [...starts, ...(await firstMessageFigures(bundles, out))];
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  },
};

function buildAll(out: string): Promise<readonly BuiltBundle[]> {
  const entries = functionNames().map((name) => [name, `functions/${name}/main.ts`] as const);
  return Promise.all(
    [[BASE, "test/bench/sdk-only.ts"] as const, ...entries].map(([name, entry]) =>
      buildBundle(name, entry, out),
    ),
  );
}

/** Milliseconds of one start. `processor`: without the time in which others had the processor. */
type Start = { readonly milliseconds: number; readonly processor: number };
type Starts = ReadonlyMap<string, readonly Start[]>;

function startInTurns(bundles: readonly BuiltBundle[], progress: Progress): Starts {
  const times = new Map(bundles.map(({ name }) => [name, [] as Start[]]));
  for (let round = 1; round <= STARTS; round++) {
    // Each round begins with another one: none always comes after the same.
    const order = [...bundles.slice(round % bundles.length), ...bundles.slice(0, round % bundles.length)];
    for (const { name, file } of order) times.get(name)?.push(startOnce(file));
    if (round % 10 === 0) progress(`${round} of ${STARTS} rounds`);
  }
  return times;
}

function startOnce(file: string): Start {
  const env = { ...FUNCTION_ENVIRONMENT };
  const { status, stdout, stderr } = spawnSync(process.execPath, [LOADER, pathToFileURL(file).href], {
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${file} did not load: ${stderr.slice(-1000)}`);
  return JSON.parse(stdout) as Start;
}

function figuresOf(bundles: readonly BuiltBundle[], starts: Starts): readonly Figure[] {
  const base = starts.get(BASE) ?? [];
  return bundles.flatMap(({ name, bytes, coldBytes }) => {
    const own = starts.get(name) ?? [];
    const goal = GOALS[name];
    return [
      { what: `${name}: folder`, value: bytes, unit: "bytes", ...(goal && { goal: goal.bytes }) },
      { what: `${name}: read by a cold start`, value: coldBytes, unit: "bytes" },
      ...initFigures(name, own),
      ...(name === BASE ? [] : ratios(name, { own, base, goal: goal?.ratio })),
    ];
  });
}

function initFigures(name: string, own: readonly Start[]): readonly Figure[] {
  const elapsed = own.map(({ milliseconds }) => milliseconds);
  const processor = own.map((start) => start.processor);
  return [
    { what: `${name}: init`, value: median(elapsed), unit: "ms", note: spread(elapsed, "ms") },
    {
      what: `${name}: init, processor time`,
      value: median(processor),
      unit: "ms",
      note: spread(processor, "ms"),
    },
  ];
}

type Compared = {
  readonly own: readonly Start[];
  readonly base: readonly Start[];
  readonly goal: number | undefined;
};

function ratios(name: string, { own, base, goal }: Compared): readonly Figure[] {
  const ratio = (of: (start: Start) => number) =>
    Math.round((median(own.map(of)) / median(base.map(of))) * 100) / 100;
  const elapsed = ratio(({ milliseconds }) => milliseconds);
  return [
    {
      what: `${name}: init, ratio to ${BASE}`,
      value: elapsed,
      unit: "x",
      ...(goal !== undefined && { goal }),
    },
    {
      what: `${name}: init, ratio of processor times`,
      value: ratio(({ processor }) => processor),
      unit: "x",
    },
  ];
}
