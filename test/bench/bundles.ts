import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { functionNames } from "../../scripts/build-functions.ts";
import { FUNCTION_ENVIRONMENT } from "../builders/function-environment.ts";
import { type BuiltBundle, buildBundle } from "./bundle-size.ts";
import { type Benchmark, type Figure, median, type Progress, spread } from "./figure.ts";

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
      return figuresOf(bundles, startInTurns(bundles, progress));
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

type Times = ReadonlyMap<string, readonly number[]>;

function startInTurns(bundles: readonly BuiltBundle[], progress: Progress): Times {
  const times = new Map(bundles.map(({ name }) => [name, [] as number[]]));
  for (let round = 1; round <= STARTS; round++) {
    for (const { name, file } of bundles) times.get(name)?.push(startOnce(file));
    if (round % 10 === 0) progress(`${round} of ${STARTS} rounds`);
  }
  return times;
}

function startOnce(file: string): number {
  const env = { ...FUNCTION_ENVIRONMENT };
  const { status, stdout, stderr } = spawnSync(process.execPath, [LOADER, pathToFileURL(file).href], {
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${file} did not load: ${stderr}`);
  return Number(stdout);
}

function figuresOf(bundles: readonly BuiltBundle[], times: Times): readonly Figure[] {
  const base = median(times.get(BASE) ?? []);
  return bundles.flatMap(({ name, bytes, coldBytes }) => {
    const samples = times.get(name) ?? [];
    const goal = GOALS[name];
    const ratio = Math.round((median(samples) / base) * 100) / 100;
    return [
      { what: `${name}: folder`, value: bytes, unit: "bytes", ...(goal && { goal: goal.bytes }) },
      { what: `${name}: read by a cold start`, value: coldBytes, unit: "bytes" },
      { what: `${name}: init`, value: median(samples), unit: "ms", note: spread(samples, "ms") },
      ...(name === BASE
        ? []
        : [
            {
              what: `${name}: init, ratio to ${BASE}`,
              value: ratio,
              unit: "x",
              ...(goal && { goal: goal.ratio }),
            },
          ]),
    ];
  });
}
