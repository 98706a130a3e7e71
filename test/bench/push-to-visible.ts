import { Embedded } from "../support/embedded.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { OCI_MANIFEST, RegistryClient } from "../support/registry-client.ts";
import { until } from "../support/until.ts";
import { type Benchmark, type Figure, type Progress, percentile, spread } from "./figure.ts";
import { processorTimeOf } from "./process-usage.ts";

const REPOSITORY = "bench/app";
const ALONE = 50;
const CONCURRENT = 50;
const ROUNDS = 6;
const GOAL_MS = 1000;
/** Between two looks at one tag. The API runs on the same cores as what it is asked about: many pushes, fewer looks. */
const lookEveryMs = (pushes: number) => (pushes === 1 ? 20 : 100);

/**
 * From the registry's answer to the manifest's PUT until `GET /api/v1/images?tag=` has the tag; the blobs are there
 * before. One tag is looked at at a time, oldest push first, so a time at 50 pushes holds the looks at others too.
 */
export const pushToVisibleBenchmark: Benchmark = {
  name: "push-to-visible",
  title: "Push -> visible: from 201 for the manifest until the tag is in GET /api/v1/images",
  async run(progress) {
    const product = await Embedded.start();
    try {
      return await measure(product, progress);
    } finally {
      await product.dispose();
    }
  },
};

async function measure(product: Embedded, progress: Progress): Promise<readonly Figure[]> {
  await createRepository(product.url, EAST, REPOSITORY);
  const pusher = await preparePusher(product);
  const [first = 0] = await pushAtOnce(product, pusher, ["0.0.0"]);
  progress(`first push, functions start: ${Math.round(first)} ms`);
  const alone: number[] = [];
  for (let count = 1; count <= ALONE; count++)
    alone.push(...(await pushAtOnce(product, pusher, [`1.0.${count}`])));
  progress(`${ALONE} pushes one after the other`);
  const together: number[] = [];
  let processor = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const tags = Array.from({ length: CONCURRENT }, (_, i) => `2.${round}.${i}`);
    const before = processorTimeOf(product.pid);
    const times = await pushAtOnce(product, pusher, tags);
    processor = (processorTimeOf(product.pid) - before) / CONCURRENT;
    progress(`${CONCURRENT} at once: p99 ${Math.round(percentile(times, 0.99))} ms`);
    // The first round starts the other workers: it is shown, and counted.
    together.push(...times);
  }
  return [
    { what: "first push of all, functions start", value: first, unit: "ms" },
    ...latencies("1 push at a time", alone),
    ...latencies(`${CONCURRENT} concurrent pushes`, together),
    ...latencies(`${CONCURRENT} concurrent pushes, without the first round`, together.slice(CONCURRENT)),
    {
      what: "processor time for each of the last round",
      value: processor,
      unit: "ms",
      note: "whole process: registry, bus, queue, function, tables, and the looks at the API",
    },
  ];
}

function latencies(what: string, samples: readonly number[]): readonly Figure[] {
  return [
    { what: `${what}, p50`, value: percentile(samples, 0.5), unit: "ms", note: spread(samples, "ms") },
    { what: `${what}, p99`, value: percentile(samples, 0.99), unit: "ms", goal: GOAL_MS },
  ];
}

type Push = (tag: string) => Promise<void>;

/** Uploads one layer; every push after that is one PUT of a manifest with a config of its own in it. */
async function preparePusher(product: Embedded): Promise<Push> {
  const client = await RegistryClient.login(product.url, EAST);
  const blob = Buffer.from("{}");
  const digest = await client.pushBlob(REPOSITORY, blob);
  const part = (mediaType: string) => ({ mediaType, digest, size: blob.length });
  return async (tag) => {
    await client.pushManifest(REPOSITORY, tag, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: part("application/vnd.oci.image.config.v1+json"),
      layers: [part("application/vnd.oci.image.layer.v1.tar+gzip")],
      annotations: { "org.opencontainers.image.version": tag },
    });
  };
}

/** Milliseconds for each tag, in the order of their pushes' answers. */
async function pushAtOnce(
  product: Embedded,
  push: Push,
  tags: readonly string[],
): Promise<readonly number[]> {
  const pushed: { readonly tag: string; readonly at: number }[] = [];
  const pushing = Promise.all(
    tags.map(async (tag) => {
      await push(tag);
      pushed.push({ tag, at: performance.now() });
    }),
  );
  const times: number[] = [];
  while (times.length < tags.length) {
    const next = await until("a push is answered", () => pushed[times.length]);
    await untilVisible(product, next.tag, lookEveryMs(tags.length));
    times.push(performance.now() - next.at);
  }
  await pushing;
  return times;
}

async function untilVisible(product: Embedded, tag: string, every: number): Promise<void> {
  const query = { ...EAST, repository: REPOSITORY, tag };
  for (;;) {
    const { status } = await product.api.get("/images", query);
    if (status === 200) return;
    if (status !== 404) throw new Error(`GET /images answered ${status}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
