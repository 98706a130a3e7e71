import type { Benchmark, Figure, Progress } from "./figure.ts";
import { costFigures } from "./scale/cost-figures.ts";
import { embeddedScale } from "./scale/embedded-repository.ts";
import type { ScalePoint } from "./scale/run-scale.ts";
import { growthFigures, memoryFigures, pointFigures } from "./scale/scale-figures.ts";
import { withScaleWorker } from "./scale/scale-process.ts";

/** 500 repositories with 250,000 images: a few large ones, many small ones, some just beside a full page. */
const QUARTER = [
  ...repeated(1, [20_000]),
  ...repeated(3, [10_000]),
  ...repeated(10, [2999, 3001]),
  ...repeated(38, [999, 1001]),
  ...repeated(200, [250]),
  ...repeated(200, [70]),
];
/** How large a registry is made up, in steps; how many images one repository has there, and in the running product. */
export type Scale = {
  readonly steps: readonly (readonly number[])[];
  readonly largest: number;
  readonly embedded: readonly number[];
};

/** n, 2n and 4n: with each step comes as much again, of the same kind. */
const FULL: Scale = {
  steps: [QUARTER, QUARTER, [...QUARTER, ...QUARTER]],
  largest: 50_000,
  embedded: [12_500, 25_000, 50_000],
};

/** How a reconcile grows with the registry: what it asks for, exactly; what it takes; what that costs. */
export const reconcileScaleBenchmark: Benchmark = {
  name: "reconcile-scale",
  title: "Reconcile: 1,000,000 images in 2,000 repositories, 50,000 in one, and a month's bill",
  run: (progress) => reconcileScale(FULL, progress),
};

export function reconcileScale(scale: Scale, progress: Progress): Promise<readonly Figure[]> {
  return withScaleWorker(async (worker) => {
    const synthetic = await worker.run({ kind: "synthetic", steps: scale.steps }, progress);
    const largest = await worker.run({ kind: "synthetic", steps: [[scale.largest]] }, progress);
    const { points: embedded, push } = await embeddedScale(worker, scale.embedded, progress);
    return [
      ...scaleFigures("made up", synthetic),
      ...largest.flatMap((point) => pointFigures("one repository", point)),
      ...memoryFigures("one repository", largest),
      ...scaleFigures("embedded", embedded),
      ...synthetic.slice(-1).flatMap((point) => costFigures(point, push)),
    ];
  });
}

/** Each size with what must hold at it, then all of them beside each other. */
export function scaleFigures(where: string, points: readonly ScalePoint[]): readonly Figure[] {
  return [
    ...points.flatMap((point) => pointFigures(where, point)),
    ...growthFigures(where, points),
    ...memoryFigures(where, points),
  ];
}

function repeated(times: number, sizes: readonly number[]): readonly number[] {
  return Array.from({ length: times }, () => sizes).flat();
}
