import {
  BatchDeleteImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  PutReplicationConfigurationCommand,
} from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { ecrClient, type Registry, RegistryClient } from "../support/registry-client.ts";

const EAST: Registry = { account: "111122223333", region: "us-east-1" };
const WEST: Registry = { account: "111122223333", region: "us-west-2" };
const EUROPE: Registry = { account: "111122223333", region: "eu-central-1" };
const OTHER: Registry = { account: "444455556666", region: "us-east-1" };

let product: Embedded;
beforeAll(async () => {
  product = await Embedded.start();
});
afterAll(() => product.dispose());

async function createRepository(registry: Registry, repositoryName: string): Promise<void> {
  const ecr = ecrClient(product.url, registry);
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  ecr.destroy();
}

function imageOfTag(registry: Registry, repository: string, tag: string) {
  return product.until(
    `${repository}:${tag} of ${registry.account}/${registry.region} is in the inventory`,
    async () => {
      const answer = await product.api.get("/images", { ...registry, repository, tag });
      return answer.status === 200 && (answer.body["items"] as Record<string, unknown>[])[0];
    },
  );
}

async function slackMessages(): Promise<readonly { text: string; channel: string }[]> {
  return (await product.control("GET", "slack"))["messages"] as { text: string; channel: string }[];
}

test.each([EAST, WEST, OTHER])(
  "a push in $account/$region is judged, recorded and reported",
  async (registry) => {
    await createRepository(registry, "prod/web");
    const client = await RegistryClient.login(product.url, registry);
    const good = await client.pushImage(
      "prod/web",
      "1.4.2",
      `good in ${registry.account} ${registry.region}`,
    );
    const bad = await client.pushImage("prod/web", "latest", `bad in ${registry.account} ${registry.region}`);

    const recorded = await imageOfTag(registry, "prod/web", "1.4.2");
    const ecr = ecrClient(product.url, registry);
    const described = await ecr.send(
      new DescribeImagesCommand({ repositoryName: "prod/web", imageIds: [{ imageTag: "1.4.2" }] }),
    );
    ecr.destroy();
    const truth = described.imageDetails?.[0];
    expect(recorded).toMatchObject({
      ...registry,
      digest: good.digest,
      mediaType: good.mediaType,
      size: truth?.imageSizeInBytes,
      pushedAt: truth?.imagePushedAt?.toISOString(),
      tags: ["1.4.2"],
      state: "open",
      status: "ACTIVE",
      manifest: "known",
    });
    expect(
      await product.api.list("/tags/history", { ...registry, repository: "prod/web", tag: "1.4.2" }),
    ).toMatchObject([{ tag: "1.4.2", digest: good.digest, cause: "push", version: 1 }]);

    await imageOfTag(registry, "prod/web", "latest");
    const violations = await product.until("the violation of latest", async () => {
      const found = await product.api.list("/violations", { ...registry, repository: "prod/web" });
      return found.length > 0 && found[0]?.["noticedAt"] !== undefined && found;
    });
    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatchObject({ tag: "latest", digest: bad.digest, state: "open" });
    expect(violations[0]?.["rule"]).not.toBe("");
    expect(violations[0]?.["reason"]).toContain("latest");
  },
);

test("each violation is one message in Slack, and an allowed tag is none", async () => {
  const messages = await product.until("three messages", async () => {
    const found = await slackMessages();
    return found.length >= 3 && found;
  });
  expect(messages).toHaveLength(3);
  for (const { account, region } of [EAST, WEST, OTHER])
    expect(
      messages.filter((message) => JSON.stringify(message).includes(`${account}/${region}`)),
    ).toHaveLength(1);
});

test("a replica goes from pending to arrived and can be pulled at its destination", async () => {
  const ecr = ecrClient(product.url, EAST);
  await ecr.send(
    new PutReplicationConfigurationCommand({
      replicationConfiguration: {
        rules: [
          {
            destinations: [{ region: EUROPE.region, registryId: EUROPE.account }],
            repositoryFilters: [{ filter: "copied/", filterType: "PREFIX_MATCH" }],
          },
        ],
      },
    }),
  );
  ecr.destroy();
  await createRepository(EAST, "copied/app");
  const client = await RegistryClient.login(product.url, EAST);
  const image = await client.pushImage("copied/app", "2.0.0", "replicated");

  const replica = await product.until("the replica has arrived", async () => {
    const [found] = await product.api.list("/replicas", { digest: image.digest });
    return found?.["state"] === "arrived" && found;
  });
  expect(replica).toMatchObject({
    source: EAST,
    destination: EUROPE,
    repository: "copied/app",
    digest: image.digest,
    tag: "2.0.0",
  });
  await imageOfTag(EUROPE, "copied/app", "2.0.0");
  const holders = await product.api.list(`/images/${image.digest}`);
  expect(new Set(holders.map((item) => item["region"]))).toEqual(new Set([EAST.region, EUROPE.region]));
  const there = await RegistryClient.login(product.url, EUROPE);
  expect((await there.request("GET", "/v2/copied/app/manifests/2.0.0")).status).toBe(200);
});

test("deleting an image closes its record and keeps its history", async () => {
  const ref = { ...EAST, repository: "prod/web" };
  const [before] = await product.api.list("/tags/history", { ...ref, tag: "1.4.2" });
  const ecr = ecrClient(product.url, EAST);
  await ecr.send(
    new BatchDeleteImageCommand({ repositoryName: "prod/web", imageIds: [{ imageTag: "1.4.2" }] }),
  );
  ecr.destroy();
  const digest = String(before?.["digest"]);
  const closed = await product.until("the record is closed", async () => {
    const holders = await product.api.list(`/images/${digest}`);
    return holders.find((item) => item["region"] === EAST.region && item["state"] === "closed");
  });
  expect(closed["closedAt"]).toBeDefined();
  const history = await product.until("the tag's end is in its history", async () => {
    const found = await product.api.list("/tags/history", { ...ref, tag: "1.4.2" });
    return found.length === 2 && found;
  });
  expect(history).toMatchObject([
    { digest, cause: "push", version: 1 },
    { digest: null, cause: "delete", version: 2 },
  ]);
  expect(history[0]?.["until"]).toBe(history[1]?.["since"]);
});

test("nothing was refused on the way: every function has the permissions it needs", async () => {
  expect((await product.control("GET", "denials"))["denials"]).toEqual([]);
});
