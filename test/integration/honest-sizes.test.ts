import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import { openBucket } from "@tallyman/aws/s3/bucket";
import type { Listing } from "@tallyman/domain/listing/listing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { advance, settle } from "../chaos/support/settle.ts";
import type { Item } from "../support/admin-api.ts";
import { Embedded } from "../support/embedded.ts";
import { createRepository, deleteImage, EAST, withEcr } from "../support/registries.ts";
import {
  credentialsOf,
  OCI_MANIFEST,
  type PushedManifest,
  RegistryClient,
} from "../support/registry-client.ts";

const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
const FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
const REPOSITORIES = ["prod/web", "prod/api"];

let product: Embedded;
let client: RegistryClient;
beforeAll(async () => {
  product = await Embedded.start();
  client = await RegistryClient.login(product.url, EAST);
  for (const repository of REPOSITORIES) await createRepository(product.url, EAST, repository);
});
afterAll(() => product?.dispose());

const BLOBS = new Map(
  [
    ["config", 300],
    ["base", 50_000],
    ["web 1", 7_001],
    ["web 2", 7_002],
    ["api", 9_003],
    ["old", 11_004],
  ].map(([name, size]) => [String(name), randomBytes(Number(size))]),
);

/** An image of these layers, and of a foreign one that is not uploaded. */
async function push(repository: string, tag: string | undefined, layers: readonly string[]) {
  const descriptor = async (name: string, mediaType: string) => {
    const bytes = BLOBS.get(name) ?? Buffer.alloc(0);
    return { mediaType, digest: await client.pushBlob(repository, bytes), size: bytes.byteLength };
  };
  const foreign = { mediaType: FOREIGN, digest: `sha256:${"f".repeat(64)}`, size: 1_000_000 };
  return client.pushManifest(repository, tag, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: await descriptor("config", "application/vnd.oci.image.config.v1+json"),
    layers: [...(await Promise.all(layers.map((name) => descriptor(name, LAYER)))), foreign],
  });
}

/** A minute passes: what was recorded is counted. */
async function count(): Promise<void> {
  await settle(product);
  await advance(product, 61);
  await settle(product);
}

async function summaryOf(repository: string): Promise<Item> {
  const found = (await product.api.list("/repositories")).find((it) => it["repository"] === repository);
  if (!found) throw new Error(`${repository} is not listed`);
  return found;
}

async function listingOf(repository: string): Promise<Listing> {
  const where = { bucket: "archive", region: EAST.region, endpoint: product.url };
  const bucket = openBucket(where, async () => credentialsOf(EAST.account));
  const bytes = await bucket.get(`listings/${EAST.account}/${EAST.region}/${repository}.json.gz`);
  return JSON.parse(gunzipSync(bytes).toString("utf8"));
}

type Raw = {
  readonly digest: string;
  readonly archived: boolean;
  readonly layers: readonly [string, number][];
};

/** The registry's own manifests, read by nothing of ours. */
async function rawImages(repositoryName: string): Promise<readonly Raw[]> {
  return withEcr(product.url, EAST, async (ecr) => {
    const filter = { imageStatus: "ANY" as const };
    const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName, filter }));
    const raw: Raw[] = [];
    for (const { imageDigest = "", imageStatus } of imageDetails) {
      const archived = imageStatus === "ARCHIVED";
      const bytes = archived ? ARCHIVED.get(imageDigest) : await manifestOf(repositoryName, imageDigest);
      const { layers = [] } = JSON.parse(bytes ?? "{}");
      const stored = layers.filter((it: { mediaType: string }) => it.mediaType !== FOREIGN);
      raw.push({
        digest: imageDigest,
        archived,
        layers: stored.map((it: Item) => [it["digest"], it["size"]]),
      });
    }
    return raw;
  });
}

/** Manifests of archived images: nobody may read them any more, so they were read before. */
const ARCHIVED = new Map<string, string>();

async function manifestOf(repositoryName: string, imageDigest: string): Promise<string> {
  const command = new BatchGetImageCommand({ repositoryName, imageIds: [{ imageDigest }] });
  const { images } = await withEcr(product.url, EAST, (ecr) => ecr.send(command));
  return images?.[0]?.imageManifest ?? "";
}

async function archive(repositoryName: string, { digest }: PushedManifest): Promise<void> {
  ARCHIVED.set(digest, await manifestOf(repositoryName, digest));
  const imageId = { imageDigest: digest };
  const command = new UpdateImageStorageClassCommand({
    repositoryName,
    imageId,
    targetStorageClass: "ARCHIVE",
  });
  await withEcr(product.url, EAST, (ecr) => ecr.send(command));
}

function billed(images: readonly Raw[]) {
  const sum = (layers: ReadonlyMap<string, number>) => [...layers.values()].reduce((a, b) => a + b, 0);
  const all = new Map(images.flatMap(({ layers }) => layers));
  const standard = new Map(images.filter(({ archived }) => !archived).flatMap(({ layers }) => layers));
  return { billedBytes: sum(all), archivedBytes: sum(all) - sum(standard) };
}

describe("sizes", () => {
  test("of two repositories with shared layers, an index and an archived image are what their manifests say", async () => {
    const children = [await push("prod/web", undefined, ["base", "web 1"])];
    children.push(await push("prod/web", undefined, ["base", "web 2"]));
    await client.pushIndex("prod/web", "1.0.0", children);
    const old = await push("prod/web", "0.9.0", ["base", "old"]);
    await push("prod/api", "1.0.0", ["base", "api"]);
    await settle(product);
    await archive("prod/web", old);
    await count();

    for (const repository of REPOSITORIES) {
      const raw = await rawImages(repository);
      expect(await summaryOf(repository)).toMatchObject({
        ...billed(raw),
        images: raw.length,
        imagesOfUnknownSize: 0,
      });
      const { images, layers } = await listingOf(repository);
      expect(images.map(({ digest }) => digest)).toEqual(raw.map(({ digest }) => digest).toSorted());
      expect(layers.map(({ digest, size }) => [digest, size])).toEqual(
        [...new Map(raw.flatMap((it) => it.layers))].toSorted(),
      );
    }
    // The sum itself, so that both sides cannot be wrong together.
    expect(await summaryOf("prod/web")).toMatchObject({
      billedBytes: 50_000 + 7_001 + 7_002 + 11_004,
      archivedBytes: 11_004,
    });
  });

  test("follow a deletion, and a reconcile that heard of nothing finds the same", async () => {
    const image = await push("prod/api", "2.0.0", ["base", "web 1"]);
    await count();
    expect(await summaryOf("prod/api")).toMatchObject({ billedBytes: 50_000 + 9_003 + 7_001 });
    const imageIds = [{ imageDigest: image.digest }];
    await deleteImage(product.url, EAST, { repositoryName: "prod/api", imageIds });
    await count();
    const counted = await summaryOf("prod/api");
    expect(counted).toMatchObject({ ...billed(await rawImages("prod/api")), images: 1 });
    await product.control("POST", "run/reconcile?wait=0");
    await settle(product);
    const reconciled = await summaryOf("prod/api");
    for (const field of ["images", "tags", "bytes", "billedBytes", "archivedBytes", "imagesOfUnknownSize"])
      expect(reconciled[field]).toBe(counted[field]);
    expect(reconciled["reconciledAt"]).toBeDefined();
  });

  test("of a burst of pushes are counted once", async () => {
    const counts = async () => {
      const wire = (await product.control("GET", "wire"))["s3:PutObject"] as
        | Record<string, number>
        | undefined;
      return wire?.["tallyman-recount"] ?? 0;
    };
    await count();
    const before = await counts();
    for (const tag of ["3.0.0", "3.0.1", "3.0.2", "3.0.3"]) await push("prod/api", tag, ["base", "api"]);
    await settle(product);
    expect(await counts()).toBe(before);
    await count();
    // Two, where the pushes lie on both sides of a window's edge.
    expect([1, 2]).toContain((await counts()) - before);
    expect(await summaryOf("prod/api")).toMatchObject({ tags: 5 });
  });
});
