import { Embedded } from "../support/embedded.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { registryToken } from "../support/registry-client.ts";
import { type Benchmark, type Figure, median, type Progress, spread } from "./figure.ts";
import { memoryOf } from "./process-usage.ts";
import {
  contentOf,
  download,
  putManifest,
  REPOSITORY,
  uploadAtOnce,
  uploadInChunks,
  withConnections,
} from "./transfers.ts";
import type { Target, WireConnection } from "./wire-client.ts";

const MEGABYTES = 200;
const MB = 1_000_000;
/** Each goes up and comes down once: 2 GB in all. */
const BLOBS = 5;
const GROWTH_GOAL_MB = 64;
const SAMPLE_EVERY_MS = 20;

/** Large blobs up and down, one after the other, and what that does to the resident memory of the whole product. */
export const registryThroughputBenchmark: Benchmark = {
  name: "registry-throughput",
  title: `Embedded registry: ${BLOBS} blobs of ${MEGABYTES} MB up and down`,
  async run(progress) {
    const product = await Embedded.start();
    try {
      await createRepository(product.url, EAST, REPOSITORY);
      const target: Target = {
        name: "ours",
        port: Number(new URL(product.url).port),
        credentials: `Authorization: Basic ${await registryToken(product.url, EAST)}\r\n`,
      };
      return await measure(product, target, progress);
    } finally {
      await product.dispose();
    }
  },
};

async function measure(product: Embedded, target: Target, progress: Progress): Promise<readonly Figure[]> {
  const rates = { up: [] as number[], down: [] as number[] };
  // What any first push and pull load is not growth by bytes.
  await withConnections(target, 1, async (connection) => {
    const small = contentOf("small", 1000);
    await uploadAtOnce(connection, small);
    await putManifest(connection, small, "small");
    await download(connection, small);
  });
  const before = memoryOf(product.pid);
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, memoryOf(product.pid));
  }, SAMPLE_EVERY_MS);
  for (let blob = 1; blob <= BLOBS; blob++) {
    await withConnections(target, 1, (connection) => upAndDown(connection, `blob ${blob}`, rates));
    progress(`${blob * MEGABYTES} MB up and down, ${peak - before} MB more memory at most`);
  }
  clearInterval(sampling);
  return [
    { what: "upload, median", value: median(rates.up), unit: "MB/s", note: spread(rates.up, "MB/s") },
    { what: "download, median", value: median(rates.down), unit: "MB/s", note: spread(rates.down, "MB/s") },
    { what: "resident memory before", value: before, unit: "MB" },
    { what: "growth at most while 2 GB go through", value: peak - before, unit: "MB", goal: GROWTH_GOAL_MB },
    { what: "growth afterwards", value: memoryOf(product.pid) - before, unit: "MB" },
  ];
}

async function upAndDown(
  connection: WireConnection,
  seed: string,
  rates: { readonly up: number[]; readonly down: number[] },
): Promise<void> {
  const content = contentOf(seed, MEGABYTES * MB);
  const began = performance.now();
  await uploadInChunks(connection, content);
  const between = performance.now();
  await download(connection, content);
  const ended = performance.now();
  rates.up.push(MEGABYTES / ((between - began) / 1000));
  rates.down.push(MEGABYTES / ((ended - between) / 1000));
}
