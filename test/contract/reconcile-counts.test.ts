import { ECRClient } from "@aws-sdk/client-ecr";
import { ecrManifestReader } from "@tallyman/aws/ecr/manifest-reader";
import { ecrRegistryReader } from "@tallyman/aws/ecr/registry-reader";
import { ecrResourceTagReader } from "@tallyman/aws/ecr/resource-tag-reader";
import { TaggingRule } from "@tallyman/domain/policy/policy";
import { reconcileRepository } from "@tallyman/domain/reconcile/reconcile-repository";
import { RegistryUnavailableError } from "@tallyman/domain/registry/errors";
import { anImage, type BuiltManifest, sha256 } from "@tallyman/registry/testing/image-builder";
import { clientOf, type RegistryClient } from "@tallyman/registry/testing/registry-client";
import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { aRepository } from "../builders/registry.ts";
import { type MemoryInventory, memoryInventory } from "../fakes/memory-inventory.ts";

// What a reconcile asks of the registry, counted by the registry, and what it writes. Through the SDK, over a socket.

const READER = "tallyman-reader";
/** Every third image has a tag that no rule allows. */
const RULES = [TaggingRule.parse({ name: "no-bad", repositories: ["**"], deny: [{ glob: "bad-*" }] })];
let server: RegistryServer;
let client: RegistryClient;
let ecr: ECRClient;
let calls: Record<string, number> = {};
let failing: ((operation: string) => boolean) | undefined;
let web = aRepository();
let inventory: MemoryInventory;
let base: BuiltManifest;
let repositories = 0;
let runs = 0;

beforeAll(async () => {
  server = await startRegistryServer({
    fault(operation) {
      calls[operation] = (calls[operation] ?? 0) + 1;
      return failing?.(operation) ? { status: 400, code: "AccessDeniedException" } : undefined;
    },
  });
  client = clientOf(server);
  const credentials = { accessKeyId: "111122223333", secretAccessKey: "test" };
  // An idle socket may be closed under a request; what never arrived is not counted.
  ecr = new ECRClient({ endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 3 });
  // The reader's own, which the adapter looks for, and that of whom this server takes everybody for.
  for (const principal of [`role/${READER}`, "user/admin"]) {
    const principalArn = `arn:aws:iam::111122223333:${principal}`;
    await client.api("RegisterPullTimeUpdateExclusion", { principalArn });
  }
});
afterAll(async () => {
  ecr.destroy();
  await server.close();
});

beforeEach(async () => {
  failing = undefined;
  inventory = memoryInventory();
  web = aRepository(`prod/web-${++repositories}`);
  await client.api("CreateRepository", { repositoryName: web.repository });
  base = anImage(["base"]);
  await Promise.all(base.blobs.map((blob) => client.pushBlob(web.repository, blob)));
});

/** Images number `from` to `to`, in batches: the registry commits together what comes together. */
async function push(from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 100) {
    const batch = Array.from({ length: Math.min(100, to - at) }, (_, i) => put(at + i));
    await Promise.all(batch);
  }
}

async function put(number: number): Promise<void> {
  const { status, body } = await client.api("PutImage", {
    repositoryName: web.repository,
    imageManifest: manifestOf(number),
    imageManifestMediaType: base.mediaType,
    imageTag: tagOf(number),
  });
  expect(status, JSON.stringify(body)).toBe(200);
}

const manifestOf = (number: number) =>
  JSON.stringify({ ...JSON.parse(base.bytes.toString()), annotations: { number: `${number}` } });
const digestOf = (number: number) => sha256(Buffer.from(manifestOf(number)));
const tagOf = (number: number) => (number % 3 === 0 ? `bad-${number}` : `1.0.${number}`);

/** Runs one reconcile: the calls it made, and what it wrote. */
async function reconcile() {
  calls = {};
  const before = inventory.journal.writes.length;
  const clients = () => ecr;
  const deps = {
    ...inventory,
    registry: ecrRegistryReader(clients),
    manifestReader: ecrManifestReader(clients, READER),
    resourceTags: ecrResourceTagReader(clients),
  };
  const now = new Date(Date.parse("2026-11-21T12:00:00.000Z") + ++runs * 1000);
  const request = { repository: web, rules: RULES, keepDays: 730, run: `${runs}`, now };
  const { differences, summary } = await reconcileRepository(deps, request);
  const writes = inventory.journal.writes.slice(before).map(({ kind }) => kind);
  return { differences, summary, writes, looks: calls["DescribeImages"] ?? 0 };
}

/** `max(1, ceil(n / 1000))` */
const pages = (images: number) => Math.max(1, Math.ceil(images / 1000));

test("DescribeImages is called once for each page of a thousand, however much is new and breaks rules", async () => {
  let known = 0;
  for (const images of [0, 1, 1000, 1001, 2500]) {
    await push(known, images);
    const first = await reconcile();
    expect({ images, looks: first.looks }).toEqual({ images, looks: pages(images) });
    const bad = Math.ceil(images / 3) - Math.ceil(known / 3);
    expect(first.differences).toMatchObject({ "image-missed": images - known, "violation-opened": bad });
    expect(calls["BatchGetImage"] ?? 0).toBe(images - known);

    const second = await reconcile();
    expect({ images, looks: second.looks }).toEqual({ images, looks: pages(images) });
    expect(second.writes).toEqual(["summary"]);
    expect(calls).toEqual({ DescribeImages: pages(images), ListTagsForResource: 1 });
    expect(second.summary).toMatchObject({ images, tags: images, openViolations: Math.ceil(images / 3) });
    known = images;
  }
});

test("a tag that moved costs no look of its own; what is gone costs two by digest and one by tag", async () => {
  await push(0, 10);
  await reconcile();
  await client.api("PutImage", {
    repositoryName: web.repository,
    imageManifest: manifestOf(1),
    imageManifestMediaType: base.mediaType,
    imageTag: tagOf(2),
  });
  const moved = await reconcile();
  expect(moved.looks).toBe(1);
  expect(moved.differences).toMatchObject({ "tag-moved": 1, "image-changed": 0 });

  const imageIds = [4, 5].map((number) => ({ imageDigest: digestOf(number) }));
  await client.api("BatchDeleteImage", { repositoryName: web.repository, imageIds });
  const gone = await reconcile();
  expect(gone.looks).toBe(1 + 2 * 2 + 2);
  expect(gone.differences).toMatchObject({ "image-gone": 2, "tag-gone": 2 });
  expect((await reconcile()).writes).toEqual(["summary"]);
});

test("an image that was archived unheard is still there, and one look makes sure", async () => {
  await push(0, 3);
  await reconcile();
  await client.api("UpdateImageStorageClass", {
    repositoryName: web.repository,
    imageId: { imageDigest: digestOf(1) },
    targetStorageClass: "ARCHIVE",
  });
  const archived = await reconcile();
  expect(archived.looks).toBe(1 + 1);
  expect(archived.differences).toMatchObject({ "image-changed": 1, "image-gone": 0 });
  expect(await inventory.images.findImage(web, digestOf(1))).toMatchObject({
    state: "open",
    status: "ARCHIVED",
  });
  const again = await reconcile();
  expect([again.looks, again.writes]).toEqual([1, ["summary"]]);
});

test("a repository that is gone closes with its images, and then is asked for once", async () => {
  await push(0, 4);
  await reconcile();
  await client.api("DeleteRepository", { repositoryName: web.repository, force: true });
  const gone = await reconcile();
  expect(gone.differences).toMatchObject({ "image-gone": 4, "tag-gone": 4 });
  expect(gone.summary).toMatchObject({ images: 0, goneAt: gone.summary?.asOf });
  const again = await reconcile();
  expect(again.looks).toBe(1);
  expect(again.summary?.goneAt).toBe(gone.summary?.goneAt);
});

test("a reconcile that ends early begins anew with the first page, and concludes nothing before it saw the last", async () => {
  await push(0, 1001);
  let seen = 0;
  failing = (operation) => operation === "DescribeImages" && ++seen === 2;
  await expect(reconcile()).rejects.toThrow(RegistryUnavailableError);
  expect(await inventory.summaries.findSummary(web)).toBeUndefined();
  // Would be missing from what a token of the first attempt goes on with.
  await client.api("BatchDeleteImage", {
    repositoryName: web.repository,
    imageIds: [{ imageDigest: digestOf(0) }],
  });
  const whole = await reconcile();
  // It was recorded by the first attempt: two looks at the image that is gone, and one at its tag.
  expect(whole.looks).toBe(1 + 3);
  expect(whole.summary).toMatchObject({ images: 1000, tags: 1000 });
});
