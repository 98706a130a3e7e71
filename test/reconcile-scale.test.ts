import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { declareTable } from "@tallyman/cloud/tables/declare-table";
import { type Engine, startEngine } from "@tallyman/cloud/tables/engine";
import { tableDefinition } from "@tallyman/cloud/tables/table-definition";
import { beforeAll, expect, test } from "vitest";
import { type Figure, isMet } from "./bench/figure.ts";
import { scaleFigures } from "./bench/reconcile-scale.ts";
import { costFigures } from "./bench/scale/cost-figures.ts";
import { diskBucket } from "./bench/scale/disk-bucket.ts";
import { countOf, newMeter, type Spent, spending } from "./bench/scale/meter.ts";
import { reconciling } from "./bench/scale/reconciling.ts";
import { runScale, type ScalePoint } from "./bench/scale/run-scale.ts";
import { syntheticEcr } from "./bench/scale/synthetic-ecr.ts";
import { committedSnapshots, snapshotFolder } from "./support/snapshots.ts";

// The bench `reconcile-scale`, small: what it counts is held here, what it times is not.

const REGISTRY = { account: "111122223333", region: "us-east-1" };
const STEP = [0, 1, 70, 230, 1001];
const IMAGES = 1302;
let points: readonly ScalePoint[] = [];

beforeAll(async () => {
  points = await runScale({ kind: "synthetic", steps: [STEP, STEP] }, () => {});
});

const exact = (figures: readonly Figure[]) => figures.filter(({ exactly }) => exactly !== undefined);

test("every exact figure is met at each size, and none is missing", () => {
  const figures = exact(scaleFigures("small", points));
  expect(figures).toHaveLength(points.length * 4);
  expect(figures.filter((figure) => !isMet(figure))).toEqual([]);
  expect(points.map(({ images, pages }) => [images, pages])).toEqual([
    [IMAGES, 6],
    [2 * IMAGES, 12],
  ]);
});

test("twice the registry asks twice as often and writes twice as much", () => {
  const [small, large] = points;
  for (const run of ["first", "second"] as const) {
    // The exclusion is asked for once an hour.
    for (const what of [
      "ecr:DescribeImages",
      "ecr:BatchGetImage",
      "dynamodb:",
      "s3:",
      "item:",
      "units:write",
    ]) {
      const [one, two] = [small, large].map((point) => (point ? countOf(point[run], what) : 0));
      expect([run, what, two]).toEqual([run, what, 2 * (one ?? 0)]);
    }
  }
});

test("a first run learns each image, its manifest and its tags once", () => {
  const { counts } = points[0]?.first ?? { counts: {} };
  const indexes = 2 + 10;
  expect(counts).toMatchObject({
    "ecr:BatchGetImage": IMAGES,
    "item:image": IMAGES,
    "item:head": IMAGES,
    // One or two for each, and a second edge for each index, whose tag breaks the rule.
    "item:tag": 1 + 2 + 70 + 35 + 230 + 115 + 1001 + 501 - 1,
    "item:edge": indexes,
    "item:violation": indexes,
    "item:summary": STEP.length,
  });
});

test("a month is billed line by line, each more than nothing", () => {
  const [point] = points;
  if (!point) throw new Error("nothing was measured");
  const figures = costFigures(point, { writeUnits: 7, readUnits: 3, registryReads: 3, objects: 1 });
  expect(figures.map(({ value }) => value).every((value) => value > 0)).toBe(true);
  const monthly = figures.slice(1, -2).reduce((sum, { value }) => sum + value, 0);
  expect(figures.at(-2)?.value).toBeCloseTo(monthly, 1);
});

test("capacity units are those that the embedded tables meter", async () => {
  const folder = snapshotFolder(committedSnapshots());
  const engine = startEngine(undefined);
  try {
    const resource = committedSnapshots().hub.resources["aws:dynamodb/table:Table"]?.["Inventory"];
    await declareTable(engine, tableDefinition("Inventory", resource, REGISTRY));
    const sizes = [120];
    const meter = newMeter();
    const it = reconciling({
      registry: REGISTRY,
      ecr: syntheticEcr({ registry: REGISTRY, sizes }, meter),
      table: { client: meteredBy(engine, meter) },
      bucket: diskBucket(folder.path, meter),
      meter,
    });
    await it.handle({ kind: "registry", ...REGISTRY, run: "metered", scope: "all" });
    const [job] = it.queued();
    if (!job) throw new Error("there is no repository");
    const first = await spending(meter, () => it.handle(job));
    const second = await spending(meter, () => it.handle(job));

    const [ours] = await runScale({ kind: "synthetic", steps: [sizes] }, () => {});
    const units = ({ counts }: Spent) => [counts["units:write"], counts["units:read"]];
    expect(ours && [units(ours.first), units(ours.second)]).toEqual([units(first), units(second)]);
  } finally {
    await engine.stop();
    folder.dispose();
  }
});

/** The product's own table, whose units are counted as its front counts them. */
function meteredBy(engine: Engine, meter: ReturnType<typeof newMeter>): DynamoDBClient {
  async function send(command: { readonly input: unknown }): Promise<unknown> {
    const operation = command.constructor.name.replace(/Command$/, "");
    const body = JSON.stringify(command.input);
    const { status, units, ...answer } = await engine.perform({ ...REGISTRY, operation, body });
    if (status !== 200) throw new Error(answer.body);
    for (const { read, write } of units) {
      meter.add("units:read", read);
      meter.add("units:write", write);
    }
    return JSON.parse(answer.body);
  }
  return { send } as unknown as DynamoDBClient;
}
