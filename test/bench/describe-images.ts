import { DescribeImagesCommand, type ECRClient } from "@aws-sdk/client-ecr";
import { Embedded } from "../support/embedded.ts";
import { createRepository, EAST, withEcr } from "../support/registries.ts";
import { registryToken } from "../support/registry-client.ts";
import { type Benchmark, type Figure, median, type Progress, spread } from "./figure.ts";
import { contentOf, putManifests, REPOSITORY, uploadAtOnce, withConnections } from "./transfers.ts";
import type { Target } from "./wire-client.ts";

const IMAGES = 50_000;
const PAGE = 1_000;
const CONNECTIONS = 8;
/** How many pages at either end are compared. */
const ENDS = 10;
/** The last pages may take so much longer than the first: 1 would be linear to the letter, 50 quadratic. */
const GOAL = 1.5;

/** Reads a large repository page by page: a page must cost the same wherever it lies. */
export const describeImagesBenchmark: Benchmark = {
  name: "describe-images",
  title: `DescribeImages over ${IMAGES.toLocaleString("en-US")} images by pages of ${PAGE}`,
  async run(progress) {
    const product = await Embedded.start();
    try {
      // What happens to a push's event is measured elsewhere, and would take longer than all of this.
      await product.control("POST", "faults", { events: { drop: 1 } });
      await createRepository(product.url, EAST, REPOSITORY);
      const target: Target = {
        name: "ours",
        port: Number(new URL(product.url).port),
        credentials: `Authorization: Basic ${await registryToken(product.url, EAST)}\r\n`,
      };
      await pushImages(target, progress);
      return figuresOf(await withEcr(product.url, EAST, readAll));
    } finally {
      await product.dispose();
    }
  },
};

async function pushImages(target: Target, progress: Progress): Promise<void> {
  const layer = contentOf("a layer of them all", 1000);
  await withConnections(target, 1, (connection) => uploadAtOnce(connection, layer));
  const began = performance.now();
  const each = IMAGES / CONNECTIONS;
  await withConnections(target, CONNECTIONS, (connection, index) =>
    putManifests(connection, layer, { first: index * each, count: each }),
  );
  progress(`${IMAGES} images pushed in ${Math.round((performance.now() - began) / 1000)} s`);
}

/** Milliseconds of each page, in order. */
async function readAll(ecr: ECRClient): Promise<readonly number[]> {
  const times: number[] = [];
  let nextToken: string | undefined;
  let images = 0;
  do {
    const began = performance.now();
    const page = await ecr.send(
      new DescribeImagesCommand({ repositoryName: REPOSITORY, maxResults: PAGE, nextToken }),
    );
    times.push(performance.now() - began);
    images += page.imageDetails?.length ?? 0;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  if (images !== IMAGES) throw new Error(`${images} images were described instead of ${IMAGES}`);
  return times;
}

function figuresOf(times: readonly number[]): readonly Figure[] {
  const [first, last] = [times.slice(0, ENDS), times.slice(-ENDS)];
  return [
    { what: "one page, median", value: median(times), unit: "ms", note: spread(times, "ms") },
    { what: "all pages", value: times.reduce((sum, time) => sum + time, 0), unit: "ms" },
    {
      what: `the last ${ENDS} pages to the first ${ENDS}, medians`,
      value: median(last) / median(first),
      unit: "times",
      goal: GOAL,
    },
  ];
}
