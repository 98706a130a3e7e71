import { DescribeImagesCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Embedded } from "./embedded.ts";
import { imageOfTag, slackMessages } from "./inventory.ts";
import {
  createRepository,
  deleteImage,
  EAST,
  EUROPE,
  OTHER,
  replicate,
  WEST,
  withEcr,
} from "./registries.ts";
import { RegistryClient } from "./registry-client.ts";

/**
 * Declares the main job's tests: pushes in two accounts and two Regions are judged, recorded and reported, copied and
 * deleted, against a product that `start` brings up. Whatever runs the stacks must pass them unchanged.
 */
export function mainJob(start: () => Promise<Embedded>): void {
  let product: Embedded;
  beforeAll(async () => {
    product = await start();
  });
  afterAll(() => product?.dispose());

  test.each([EAST, WEST, OTHER])(
    "a push in $account/$region is judged, recorded and reported",
    async (registry) => {
      await createRepository(product.url, registry, "prod/web");
      const client = await RegistryClient.login(product.url, registry);
      const good = await client.pushImage(
        "prod/web",
        "1.4.2",
        `good in ${registry.account} ${registry.region}`,
      );
      const bad = await client.pushImage(
        "prod/web",
        "latest",
        `bad in ${registry.account} ${registry.region}`,
      );

      const recorded = await imageOfTag(product, registry, "prod/web", "1.4.2");
      const described = await withEcr(product.url, registry, (ecr) =>
        ecr.send(
          new DescribeImagesCommand({ repositoryName: "prod/web", imageIds: [{ imageTag: "1.4.2" }] }),
        ),
      );
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

      await imageOfTag(product, registry, "prod/web", "latest");
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
      const found = await slackMessages(product);
      return found.length >= 3 && found;
    });
    expect(messages).toHaveLength(3);
    for (const { account, region } of [EAST, WEST, OTHER])
      expect(
        messages.filter((message) => JSON.stringify(message).includes(`${account}/${region}`)),
      ).toHaveLength(1);
  });

  test("a replica goes from pending to arrived and can be pulled at its destination", async () => {
    await replicate(product.url, { source: EAST, destination: EUROPE, prefix: "copied/" });
    await createRepository(product.url, EAST, "copied/app");
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
    await imageOfTag(product, EUROPE, "copied/app", "2.0.0");
    const holders = await product.api.list(`/images/${image.digest}`);
    expect(new Set(holders.map((item) => item["region"]))).toEqual(new Set([EAST.region, EUROPE.region]));
    const there = await RegistryClient.login(product.url, EUROPE);
    expect((await there.request("GET", "/v2/copied/app/manifests/2.0.0")).status).toBe(200);
  });

  test("deleting an image closes its record and keeps its history", async () => {
    const ref = { ...EAST, repository: "prod/web" };
    const [before] = await product.api.list("/tags/history", { ...ref, tag: "1.4.2" });
    await deleteImage(product.url, EAST, { repositoryName: "prod/web", imageIds: [{ imageTag: "1.4.2" }] });
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
      // ECR's event and CloudTrail's record each advance the pointer; which comes first, nobody knows.
      { digest: null, cause: "delete", version: expect.any(Number) },
    ]);
    expect(history[0]?.["until"]).toBe(history[1]?.["since"]);
  });

  test("nothing was refused on the way: every function has the permissions it needs", async () => {
    expect((await product.control("GET", "denials"))["denials"]).toEqual([]);
  });
}
