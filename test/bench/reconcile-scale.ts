import type { Benchmark, Figure } from "./figure.ts";
import { costFigures } from "./scale/cost-figures.ts";
import { costOfPush, embeddedScale } from "./scale/embedded-repository.ts";
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
/** n, 2n and 4n: with each step comes as much again, of the same kind. */
const STEPS = [QUARTER, QUARTER, [...QUARTER, ...QUARTER]];
/** Images of the largest repository that is made up. */
const LARGEST = 50_000;
const EMBEDDED_SIZES = [12_500, 25_000, 50_000];

/** How a reconcile grows with a registry that is made up: what it asks for, exactly; what it takes; what that costs. */
export const reconcileScaleBenchmark: Benchmark = {
  name: "reconcile-scale",
  title: "Reconcile: 1,000,000 images in 2,000 repositories, 50,000 in one, and a month's bill",
  run: (progress) =>
    withScaleWorker(async (worker) => {
      const synthetic = await worker.run({ kind: "synthetic", steps: STEPS }, progress);
      const largest = await worker.run({ kind: "synthetic", steps: [[LARGEST]] }, progress);
      const push = await costOfPush();
      return [
        ...scaleFigures("made up", synthetic),
        ...largest.flatMap((point) => pointFigures("one repository", point)),
        ...memoryFigures("one repository", largest),
        ...synthetic.slice(-1).flatMap((point) => costFigures(point, push)),
      ];
    }),
};

/** The same of one repository of the running product, over HTTP and with the SDK: every manifest is read. */
export const reconcileEmbeddedBenchmark: Benchmark = {
  name: "reconcile-embedded",
  title: "Reconcile: 50,000 images of one repository in the embedded registry",
  run: (progress) =>
    withScaleWorker(async (worker) =>
      scaleFigures("embedded", await embeddedScale(worker, EMBEDDED_SIZES, progress)),
    ),
};

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
