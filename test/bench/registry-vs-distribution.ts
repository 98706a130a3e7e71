import { Embedded } from "../support/embedded.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { registryToken } from "../support/registry-client.ts";
import { dockerRegistryVersion, startDockerRegistry } from "./docker-registry.ts";
import { type Benchmark, type Figure, median, type Progress, spread } from "./figure.ts";
import {
  type Content,
  contentOf,
  download,
  getManifest,
  putManifest,
  REPOSITORY,
  uploadAtOnce,
  uploadInChunks,
  withConnections,
} from "./transfers.ts";
import type { Target } from "./wire-client.ts";

const PAIRS = 7;
const LARGE = 200_000_000;
const SMALL = 64 * 1024;
const SMALL_BLOBS = 500;
const CONNECTIONS = 8;
const MANIFEST_GETS = 4_000;

/**
 * The embedded product and Debian's registry, both running all the time and measured in turns by the same client, one
 * right after the other: what else the machine does hits both. A figure is the median of the pairs' ratios.
 */
export const registryVsDistributionBenchmark: Benchmark = {
  name: "registry-vs-distribution",
  title: "Embedded registry against Debian's docker-registry, both syncing to the disk",
  async run(progress) {
    const version = dockerRegistryVersion();
    if (version === undefined) {
      progress("skipped: docker-registry is not installed (on Debian: apt-get install docker-registry)");
      return [];
    }
    progress(version);
    const product = await Embedded.start();
    const distribution = await startDockerRegistry();
    try {
      await createRepository(product.url, EAST, REPOSITORY);
      const ours: Target = {
        name: "ours",
        port: Number(new URL(product.url).port),
        credentials: `Authorization: Basic ${await registryToken(product.url, EAST)}\r\n`,
      };
      return await compare({ ours, theirs: distribution.target, progress });
    } finally {
      await distribution.dispose();
      await product.dispose();
    }
  },
};

type Sides = { readonly ours: Target; readonly theirs: Target; readonly progress: Progress };

/** One thing to measure: prepared for each pair before the clock starts, the same for both. */
type Measure = {
  readonly what: string;
  readonly goal: number;
  /** What a second of it is counted in, and how many of them one run moves. */
  readonly unit: string;
  readonly amount: number;
  readonly prepare: (pair: number) => (target: Target) => Promise<void>;
};

async function compare(sides: Sides): Promise<readonly Figure[]> {
  const large = contentOf("large, downloaded", LARGE);
  const tagged = contentOf("layer of the pulled image", SMALL);
  const digests: string[] = [];
  for (const target of [sides.ours, sides.theirs]) {
    await withConnections(target, 1, async (connection) => {
      await uploadInChunks(connection, large);
      await uploadAtOnce(connection, tagged);
      digests.push(await putManifest(connection, tagged, "pulled"));
    });
  }
  const figures: Figure[] = [];
  for (const measure of measures(large, digests[0] ?? "")) figures.push(...(await inPairs(measure, sides)));
  return figures;
}

function measures(large: Content, digest: string): readonly Measure[] {
  const pulls = (reference: string) => () => (target: Target) => pullMany(target, reference);
  return [
    {
      what: `upload of ${LARGE / 1e6} MB`,
      goal: 1.3,
      unit: "MB/s",
      amount: LARGE / 1e6,
      prepare(pair) {
        const content = contentOf(`large ${pair}`, LARGE);
        return (target) => withConnections(target, 1, (connection) => uploadInChunks(connection, content));
      },
    },
    {
      what: `download of ${LARGE / 1e6} MB`,
      goal: 1,
      unit: "MB/s",
      amount: LARGE / 1e6,
      prepare: () => (target) => withConnections(target, 1, (connection) => download(connection, large)),
    },
    {
      what: `${SMALL_BLOBS} blobs of 64 KB, ${CONNECTIONS} at a time`,
      goal: 1.5,
      unit: "blobs/s",
      amount: SMALL_BLOBS,
      prepare(pair) {
        const blobs = Array.from({ length: SMALL_BLOBS }, (_, i) => contentOf(`small ${pair} ${i}`, SMALL));
        return (target) => uploadMany(target, blobs);
      },
    },
    {
      what: `manifest GETs by tag, ${CONNECTIONS} connections`,
      goal: 3,
      unit: "GETs/s",
      amount: MANIFEST_GETS,
      prepare: pulls("pulled"),
    },
    {
      what: `manifest GETs by digest, ${CONNECTIONS} connections`,
      goal: 3,
      unit: "GETs/s",
      amount: MANIFEST_GETS,
      prepare: pulls(digest),
    },
  ];
}

function uploadMany(target: Target, blobs: readonly Content[]): Promise<void> {
  const queue = [...blobs];
  return withConnections(target, CONNECTIONS, async (connection) => {
    for (let blob = queue.pop(); blob !== undefined; blob = queue.pop()) await uploadAtOnce(connection, blob);
  });
}

function pullMany(target: Target, reference: string): Promise<void> {
  return withConnections(target, CONNECTIONS, async (connection) => {
    for (let count = 0; count < MANIFEST_GETS / CONNECTIONS; count++)
      await getManifest(connection, reference);
  });
}

/** The first pair warms both up and is not counted; who goes first changes from pair to pair. */
async function inPairs(measure: Measure, { ours, theirs, progress }: Sides): Promise<readonly Figure[]> {
  const rates = { ours: [] as number[], theirs: [] as number[], ratio: [] as number[] };
  for (let pair = 0; pair <= PAIRS; pair++) {
    const run = measure.prepare(pair);
    const order = pair % 2 === 0 ? [ours, theirs] : [theirs, ours];
    const seconds = new Map<Target, number>();
    for (const target of order) seconds.set(target, await timed(() => run(target)));
    if (pair === 0) continue;
    const rate = (target: Target) => measure.amount / (seconds.get(target) ?? 0);
    rates.ours.push(rate(ours));
    rates.theirs.push(rate(theirs));
    rates.ratio.push(rate(ours) / rate(theirs));
  }
  const { what, unit, goal } = measure;
  progress(`${what}: ${median(rates.ratio).toFixed(2)} times`);
  return [
    { what, value: median(rates.ratio), unit: "times", floor: goal, note: spread(rates.ratio, "times") },
    { what: "  ours", value: median(rates.ours), unit, note: spread(rates.ours, unit) },
    { what: "  docker-registry", value: median(rates.theirs), unit, note: spread(rates.theirs, unit) },
  ];
}

async function timed(run: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  return (performance.now() - began) / 1000;
}
