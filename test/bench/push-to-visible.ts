import { Embedded } from "../support/embedded.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { OCI_MANIFEST, RegistryClient } from "../support/registry-client.ts";
import { type Benchmark, type Figure, type Progress, percentile, spread } from "./figure.ts";
import { processorTimeOf } from "./process-usage.ts";

const ALONE = 50;
const CONCURRENT = 50;
const ROUNDS = 6;
const GOAL_MS = 1000;
/** Between two looks. The API runs on the same cores as what it is asked about: many pushes, fewer looks. */
const PAUSE_ALONE_MS = 20;
const PAUSE_TOGETHER_MS = 50;

/**
 * From the registry's answer to the manifest's PUT until the admin API's answer with the tag has arrived; the blobs are
 * there before. One push is looked for by `GET /images?tag=`; many, each round in a repository of its own, by its list,
 * which shows all of them at once. What a look finds was there up to a pause and a look before: the times hold both.
 */
export const pushToVisibleBenchmark: Benchmark = {
  name: "push-to-visible",
  title: "Push -> visible: from 201 for the manifest until GET /api/v1/images answers with the tag",
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
  const client = await RegistryClient.login(product.url, EAST);
  const alone = await preparePusher(product, client, "bench/alone");
  const first = await pushOne(product, alone, "0.0.0");
  progress(`first push, functions start: ${Math.round(first)} ms`);
  const single: number[] = [];
  for (let count = 1; count <= ALONE; count++) single.push(await pushOne(product, alone, `1.0.${count}`));
  progress(`${ALONE} pushes one after the other`);
  const together: number[] = [];
  let processor = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const pusher = await preparePusher(product, client, `bench/round-${round}`);
    const before = processorTimeOf(product.pid);
    const times = await pushAtOnce(product, pusher);
    processor = (processorTimeOf(product.pid) - before) / CONCURRENT;
    progress(`${CONCURRENT} at once: p99 ${Math.round(percentile(times, 0.99))} ms`);
    // The first round starts the other workers: it is shown, and counted.
    together.push(...times);
  }
  return [
    { what: "first push of all, functions start", value: first, unit: "ms" },
    ...latencies("1 push at a time", single),
    ...latencies(`${CONCURRENT} concurrent pushes`, together),
    ...latencies(`${CONCURRENT} concurrent pushes, without the first round`, together.slice(CONCURRENT)),
    {
      what: "processor time for each of the last round",
      value: processor,
      unit: "ms",
      note: "whole process: registry, bus, queue, function, tables, and the looks at the API",
    },
    {
      what: "processor time for each of a round that nobody looks at",
      value: await unseen(product, await preparePusher(product, client, "bench/unseen")),
      unit: "ms",
    },
  ];
}

function latencies(what: string, samples: readonly number[]): readonly Figure[] {
  return [
    { what: `${what}, p50`, value: percentile(samples, 0.5), unit: "ms", note: spread(samples, "ms") },
    { what: `${what}, p99`, value: percentile(samples, 0.99), unit: "ms", goal: GOAL_MS },
  ];
}

type Pusher = { readonly repository: string; push(tag: string): Promise<void> };

/** A new repository with one layer; every push after that is one PUT of a manifest of its own. */
async function preparePusher(product: Embedded, client: RegistryClient, repository: string): Promise<Pusher> {
  await createRepository(product.url, EAST, repository);
  const blob = Buffer.from("{}");
  const digest = await client.pushBlob(repository, blob);
  const part = (mediaType: string) => ({ mediaType, digest, size: blob.length });
  return {
    repository,
    async push(tag) {
      await client.pushManifest(repository, tag, {
        schemaVersion: 2,
        mediaType: OCI_MANIFEST,
        config: part("application/vnd.oci.image.config.v1+json"),
        layers: [part("application/vnd.oci.image.layer.v1.tar+gzip")],
        annotations: {
          "org.opencontainers.image.ref.name": repository,
          "org.opencontainers.image.version": tag,
        },
      });
    },
  };
}

/** Milliseconds until its tag is found. */
async function pushOne(product: Embedded, { repository, push }: Pusher, tag: string): Promise<number> {
  await push(tag);
  const pushed = performance.now();
  for (;;) {
    const found = await tagsIn(product, { repository, tag });
    if (found.has(tag)) return performance.now() - pushed;
    await pause(PAUSE_ALONE_MS);
  }
}

/** Milliseconds for each push, from its own answer to the first list that has its tag. */
async function pushAtOnce(product: Embedded, { repository, push }: Pusher): Promise<readonly number[]> {
  const pushed = new Map<string, number>();
  const pushing = Promise.all(
    tagsOfRound().map(async (tag) => {
      await push(tag);
      pushed.set(tag, performance.now());
    }),
  );
  const times = new Map<string, number>();
  while (times.size < CONCURRENT) {
    await pause(PAUSE_TOGETHER_MS);
    const found = await tagsIn(product, { repository, limit: "100" });
    const now = performance.now();
    for (const tag of found) {
      // Seen before its push was answered: it is seen again when it was.
      const at = pushed.get(tag);
      if (at !== undefined && !times.has(tag)) times.set(tag, now - at);
    }
  }
  await pushing;
  return [...times.values()];
}

/** Milliseconds of processor time for each push of a round whose end only the cloud itself is asked for. */
async function unseen(product: Embedded, { push }: Pusher): Promise<number> {
  const before = processorTimeOf(product.pid);
  await Promise.all(tagsOfRound().map(push));
  await product.control("GET", "idle?wait=60");
  return (processorTimeOf(product.pid) - before) / CONCURRENT;
}

function tagsOfRound(): readonly string[] {
  return Array.from({ length: CONCURRENT }, (_, count) => `2.0.${count}`);
}

/** Every tag in one answer of the API; a tag or a repository that it does not know yet has none. */
async function tagsIn(
  product: Embedded,
  query: Readonly<Record<string, string>>,
): Promise<ReadonlySet<string>> {
  const { status, body } = await product.api.get("/images", { ...EAST, ...query });
  if (status === 404) return new Set();
  if (status !== 200) throw new Error(`GET /images answered ${status}`);
  const items = body["items"] as readonly { readonly tags: readonly string[] }[];
  return new Set(items.flatMap(({ tags }) => tags));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
