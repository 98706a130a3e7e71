import { CreateRepositoryCommand, ECRClient, PutReplicationConfigurationCommand } from "@aws-sdk/client-ecr";
import { ecrManifestReader } from "@tallyman/aws/ecr/manifest-reader";
import { ecrPullTimeExclusions } from "@tallyman/aws/ecr/pull-time-exclusions";
import { ecrRegistryReader } from "@tallyman/aws/ecr/registry-reader";
import { ecrReplicationReader } from "@tallyman/aws/ecr/replication-reader";
import { BrakeOnError } from "@tallyman/domain/brake/with-brake";
import { parseManifest } from "@tallyman/domain/manifest/parse-manifest";
import { RepositoryNotFoundError } from "@tallyman/domain/registry/errors";
import type { Registry } from "@tallyman/domain/registry/registry";
import { anImage, anIndex, type BuiltManifest } from "@tallyman/registry/testing/image-builder";
import { clientOf, type RegistryClient } from "@tallyman/registry/testing/registry-client";
import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { aRepository, HUB } from "../builders/registry.ts";
import { memoryBrakeStore } from "../fakes/memory-inventory.ts";
import { all } from "./inventories.ts";

// The adapters ask the embedded registry as they ask ECR: through the SDK, over a socket.

const WEST = { ...HUB, region: "us-west-2" };
const READER = "tallyman-reader";
let server: RegistryServer;
let client: RegistryClient;
const sdk = new Map<string, ECRClient>();
let repositories = 0;

function clients({ account, region }: Registry): ECRClient {
  const known = sdk.get(`${account}/${region}`);
  const credentials = { accessKeyId: account, secretAccessKey: "test" };
  const made = known ?? new ECRClient({ endpoint: server.url, region, credentials, maxAttempts: 1 });
  sdk.set(`${account}/${region}`, made);
  return made;
}

beforeAll(async () => {
  server = await startRegistryServer();
  client = clientOf(server);
});
afterAll(async () => {
  for (const one of sdk.values()) one.destroy();
  await server.close();
});

let web = aRepository();
beforeEach(async () => {
  web = aRepository(`prod/web-${++repositories}`);
  await clients(HUB).send(new CreateRepositoryCommand({ repositoryName: web.repository }));
});

async function push(image: BuiltManifest, tag?: string): Promise<void> {
  expect((await client.push(web.repository, image, tag)).status).toBe(201);
}

describe.each([
  ["the registry reader", { together: false }],
  ["the registry reader that asks together", { together: true }],
])("%s", (_, ways) => {
  const reader = ecrRegistryReader(clients, ways);

  test("lists the repositories of one registry", async () => {
    expect(await all(reader.listRepositories(HUB))).toContain(web.repository);
    expect(await all(reader.listRepositories(WEST))).toEqual([]);
  });

  test("lists images with their tags, and finds them by tag and by digest", async () => {
    const image = anImage([`layer of ${web.repository}`]);
    await push(image, "1.4.2");
    await push(image, "latest");
    const [listed] = await all(reader.listImages(web));
    expect(listed).toMatchObject({
      digest: image.digest,
      status: "ACTIVE",
      mediaType: image.mediaType,
      pushedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(listed?.tags.toSorted()).toEqual(["1.4.2", "latest"]);
    expect(listed?.size).toBeGreaterThan(0);
    expect(await reader.findImage(web, { tag: "latest" })).toEqual(listed);
    expect(await reader.findImage(web, { digest: image.digest })).toEqual(listed);
  });

  test("answers that an image is not there, also when its repository is not", async () => {
    expect(await reader.findImage(web, { tag: "none" })).toBeUndefined();
    expect(await reader.findImage(web, { digest: aDigest("none") })).toBeUndefined();
    expect(await reader.findImage(aRepository("no/such"), { tag: "latest" })).toBeUndefined();
  });

  test("lists nothing of an empty repository, and throws for one that is not there", async () => {
    expect(await all(reader.listImages(web))).toEqual([]);
    await expect(all(reader.listImages(aRepository("no/such")))).rejects.toThrow(RepositoryNotFoundError);
  });
});

describe("images that are looked for in one turn of the event loop", () => {
  /** A reader that asks together, and how often it asks. */
  function counted() {
    const asked = { times: 0 };
    const reader = ecrRegistryReader(
      (registry) => {
        asked.times += 1;
        return clients(registry);
      },
      { together: true },
    );
    return { reader, asked };
  }

  test("are one question for each repository, however they are named", async () => {
    const images = ["one", "two", "three"].map((it) => anImage([`${it} of ${web.repository}`]));
    for (const [at, image] of images.entries()) await push(image, `1.0.${at}`);
    const { reader, asked } = counted();
    const found = await Promise.all([
      reader.findImage(web, { tag: "1.0.0" }),
      reader.findImage(web, { digest: images[1]?.digest ?? "" }),
      reader.findImage(web, { tag: "1.0.2" }),
      reader.findImage(web, { digest: images[2]?.digest ?? "" }),
    ]);
    expect(found.map((image) => image?.digest)).toEqual([0, 1, 2, 2].map((at) => images[at]?.digest));
    expect(asked.times).toBe(1);
  });

  test("are asked for one by one where one is not there, and each has its own answer", async () => {
    const image = anImage([`layer of ${web.repository}`]);
    await push(image, "1.0.0");
    const { reader, asked } = counted();
    const [there, gone] = await Promise.all([
      reader.findImage(web, { tag: "1.0.0" }),
      reader.findImage(web, { tag: "1.0.1" }),
    ]);
    expect([there?.digest, gone]).toEqual([image.digest, undefined]);
    expect(asked.times).toBe(1 + 2);
  });

  test("may be more than one question takes", async () => {
    const tags = Array.from({ length: 102 }, (_, at) => `1.0.${at}`);
    const images = tags.map((tag) => anImage([`${tag} of ${web.repository}`]));
    for (const [at, image] of images.entries()) await push(image, tags[at]);
    const { reader, asked } = counted();
    const found = await Promise.all(tags.map((tag) => reader.findImage(web, { tag })));
    expect(found.map((it) => it?.digest)).toEqual(images.map(({ digest }) => digest));
    expect(asked.times).toBe(1 + 2);
  });
});

describe("the manifest reader", () => {
  test("reads nothing until the reader role is a pull-time exclusion, and then the very bytes", async () => {
    const child = anImage([`child in ${web.repository}`]);
    const index = anIndex([child]);
    await push(child);
    await push(index, "multi");
    const account = { ...HUB, account: "444455556666" };
    const elsewhere = { ...account, repository: web.repository };
    const reader = ecrManifestReader(clients, READER);
    expect(await reader.readManifest(elsewhere, index.digest)).toEqual({ unread: "exclusion-missing" });

    const brake = memoryBrakeStore();
    const exclusions = ecrPullTimeExclusions({
      reader: clients,
      writer: clients,
      brake,
      readerRoleName: READER,
    });
    await expect(exclusions.register(HUB)).rejects.toThrow(BrakeOnError);
    expect(await exclusions.isRegistered(HUB)).toBe(false);
    await brake.putBrake({ on: false, reason: "go", by: "test", at: "2026-11-21T00:00:00.000Z", version: 1 });
    await exclusions.register(HUB);
    await exclusions.register(HUB);
    expect(await exclusions.isRegistered(HUB)).toBe(true);

    const manifest = await reader.readManifest(web, index.digest);
    if ("unread" in manifest) throw new Error(manifest.unread);
    expect(Buffer.from(manifest.bytes)).toEqual(index.bytes);
    expect(parseManifest(manifest).children).toMatchObject([
      { digest: child.digest, platform: "linux/amd64" },
    ]);
    expect(await reader.readManifest(web, aDigest("none"))).toEqual({ unread: "not-found" });
    expect(await reader.readManifest(aRepository("no/such"), index.digest)).toEqual({ unread: "not-found" });
  });
});

describe("the replication reader", () => {
  const reader = ecrReplicationReader(clients);

  test("reads a registry's rules, and no rules where there are none", async () => {
    expect(await reader.replicationRules(HUB)).toEqual([]);
    await clients(HUB).send(
      new PutReplicationConfigurationCommand({
        replicationConfiguration: {
          rules: [
            {
              destinations: [{ region: WEST.region, registryId: WEST.account }],
              repositoryFilters: [{ filter: "replicated/", filterType: "PREFIX_MATCH" }],
            },
          ],
        },
      }),
    );
    expect(await reader.replicationRules(HUB)).toEqual([{ destinations: [WEST], prefixes: ["replicated/"] }]);
  });

  test("says nothing of an image that is not there", async () => {
    expect(await reader.replicationStatus(web, aDigest("none"))).toEqual([]);
  });
});
