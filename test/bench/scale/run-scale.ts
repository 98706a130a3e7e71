import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ECRClient } from "@aws-sdk/client-ecr";
import type { ReconcileJob } from "@tallyman/domain/reconcile/job";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { Progress } from "../figure.ts";
import { diskBucket } from "./disk-bucket.ts";
import { openDiskTable } from "./disk-table.ts";
import { type Counts, NOTHING, newMeter, plus, plusCounts, type Spent, spending } from "./meter.ts";
import { forgetPeak, peakMemory } from "./peak-memory.ts";
import { type Reconciling, reconciling } from "./reconciling.ts";
import { countedEcr, syntheticEcr } from "./synthetic-ecr.ts";

/**
 * What one worker does. `synthetic`: reconciles a registry that is made up; `steps`: how many images the repositories have
 * that come with each step, after which everything is told as of then. `embedded`: reconciles one repository of a registry
 * that is asked over HTTP.
 */
export type ScaleJob =
  | { readonly kind: "synthetic"; readonly steps: readonly (readonly number[])[] }
  | {
      readonly kind: "embedded";
      readonly url: string;
      readonly repository: string;
      readonly images: number;
      readonly readerRoleName: string;
    };

/** What it took so far. */
export type ScalePoint = {
  readonly repositories: number;
  readonly images: number;
  /** The sum over repositories of max(1, ceil(images / 1000)). */
  readonly pages: number;
  /** The first reconcile of every repository, and the second. */
  readonly first: Spent;
  readonly second: Spent;
  /** One count of each repository, as events ask for it, and the same with each as often as it has images. */
  readonly recounts: Spent;
  readonly recountsOfImages: Counts;
  /** The messages at either end of a run: which repositories there are, and what the registry holds. */
  readonly listing: Spent;
  readonly totals: Spent;
  /** The first message of an hourly run in which nothing changed. */
  readonly changed: Spent;
  /** Most resident memory of the process up to the last repository, and while totals were added up; MB. */
  readonly peak: { readonly repositories: number; readonly totals: number };
};

const REGISTRY: Registry = { account: "111122223333", region: "us-east-1" };
const PAGE = 1000;

export async function runScale(job: ScaleJob, progress: Progress): Promise<readonly ScalePoint[]> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-scale-"));
  const meter = newMeter();
  const table = openDiskTable(directory, meter);
  const bucket = diskBucket(join(directory, "bucket"), meter);
  const sizes: number[] = [];
  const embedded = job.kind === "embedded" ? clientOf(job.url) : undefined;
  try {
    const ecr = embedded ? countedEcr(embedded, meter) : syntheticEcr({ registry: REGISTRY, sizes }, meter);
    const reader = job.kind === "embedded" ? { readerRoleName: job.readerRoleName } : {};
    const it = reconciling({ registry: REGISTRY, ecr, table, bucket, meter, ...reader });
    const spend = (work: () => Promise<unknown>) => spending(meter, work);
    const world: World = { it, spend, forget: table.forget, progress };
    if (job.kind === "embedded") return [await embeddedPoint(world, job)];
    const points: ScalePoint[] = [];
    for (const step of job.steps) {
      const known = sizes.length;
      sizes.push(...step);
      points.push(await point(world, { sizes, known, before: points.at(-1) }));
    }
    return points;
  } finally {
    embedded?.destroy();
    table.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

type World = {
  readonly it: Reconciling;
  readonly spend: (work: () => Promise<unknown>) => Promise<Spent>;
  readonly forget: () => void;
  readonly progress: Progress;
};

type Step = {
  readonly sizes: readonly number[];
  /** So many repositories were compared in earlier steps. */
  readonly known: number;
  readonly before: ScalePoint | undefined;
};

/** A whole run over the registry as it is now: its first message, every repository that is new, its last message. */
async function point(world: World, { sizes, known, before }: Step): Promise<ScalePoint> {
  const { it, spend, progress } = world;
  const run = `run-${sizes.length}`;
  const listing = await spend(() => it.handle({ kind: "registry", ...REGISTRY, run, scope: "all" }));
  const jobs = it.queued().filter((job) => job.kind === "repository");
  if (jobs.length !== sizes.length) throw new Error(`${jobs.length} of ${sizes.length} repositories`);
  let sums: Sums = before ?? EMPTY;
  let images = before?.images ?? 0;
  forgetPeak();
  let told = performance.now();
  for (const job of jobs) {
    const place = Number(job.repository.split("-").at(-1));
    if (place < known) continue;
    const size = sizes[place] ?? 0;
    sums = await compare(world, job, { sums, images: size });
    images += size;
    if (performance.now() - told < 10_000) continue;
    told = performance.now();
    progress(`${images.toLocaleString("en-US")} images compared`);
  }
  const repositories = peakMemory();
  forgetPeak();
  const totals = await spend(() => it.handle({ kind: "finish", ...REGISTRY, run }));
  const peak = { repositories, totals: peakMemory() };
  const changed = await spend(() =>
    it.handle({ kind: "registry", ...REGISTRY, run: `${run}-changed`, scope: "changed" }),
  );
  it.queued();
  const pages = sizes.reduce((sum, size) => sum + Math.max(1, Math.ceil(size / PAGE)), 0);
  progress(
    `${images.toLocaleString("en-US")} images in ${sizes.length} repositories, peak ${repositories} MB`,
  );
  return { ...sums, repositories: sizes.length, images, pages, listing, totals, changed, peak };
}

type Sums = Pick<ScalePoint, "first" | "second" | "recounts" | "recountsOfImages">;
const EMPTY: Sums = { first: NOTHING, second: NOTHING, recounts: NOTHING, recountsOfImages: {} };
type RepositoryJob = Extract<ReconcileJob, { kind: "repository" }>;

/** Compares a repository twice and counts it once, then forgets its records: no second one is kept beside it. */
async function compare(
  { it, spend, forget }: World,
  job: RepositoryJob,
  { sums, images }: { readonly sums: Sums; readonly images: number },
): Promise<Sums> {
  const { account, region, repository } = job;
  const first = await spend(() => it.handle(job));
  const second = await spend(() => it.handle(job));
  const recounts = await spend(() => it.recount({ account, region, repository }));
  forget();
  return {
    first: plus(sums.first, first),
    second: plus(sums.second, second),
    recounts: plus(sums.recounts, recounts),
    recountsOfImages: plusCounts(sums.recountsOfImages, recounts.counts, images),
  };
}

async function embeddedPoint(
  world: World,
  { repository, images }: Extract<ScaleJob, { kind: "embedded" }>,
): Promise<ScalePoint> {
  forgetPeak();
  const job: RepositoryJob = { kind: "repository", ...REGISTRY, repository, run: "embedded" };
  const sums = await compare(world, job, { sums: EMPTY, images });
  const pages = Math.max(1, Math.ceil(images / PAGE));
  const peak = { repositories: peakMemory(), totals: 0 };
  world.progress(`${images} images, peak ${peak.repositories} MB`);
  const rest = { listing: NOTHING, totals: NOTHING, changed: NOTHING };
  return { ...sums, ...rest, repositories: 1, images, pages, peak };
}

function clientOf(endpoint: string): ECRClient {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new ECRClient({ endpoint, region: REGISTRY.region, credentials, cacheMiddleware: true });
}
