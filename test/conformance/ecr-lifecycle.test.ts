import {
  BatchDeleteImageCommand,
  CreateRepositoryCommand,
  DeleteLifecyclePolicyCommand,
  DescribeImagesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  GetLifecyclePolicyPreviewCommand,
  InvalidParameterException,
  LifecyclePolicyNotFoundException,
  LifecyclePolicyPreviewInProgressException,
  LifecyclePolicyPreviewNotFoundException,
  PutLifecyclePolicyCommand,
  paginateGetLifecyclePolicyPreview,
  RepositoryNotFoundException,
  StartLifecyclePolicyPreviewCommand,
  waitUntilLifecyclePolicyPreviewComplete,
} from "@aws-sdk/client-ecr";
import { anImage } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

/** Lifecycle policies as the AWS SDK knows them: its types, its exceptions, its paginator, its waiter. */
const repositoryName = "team/app";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = new Date("2026-11-21T10:00:00.000Z");
let server: RegistryServer;
let ecr: ECRClient;

beforeAll(async () => {
  server = await startRegistryServer();
  const credentials = { accessKeyId: "111122223333", secretAccessKey: "test" };
  ecr = new ECRClient({ endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 });
});
beforeEach(async () => {
  await server.registry.reset();
  server.clock.now = start;
  server.events.length = 0;
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
});
afterAll(async () => {
  ecr.destroy();
  expect(server.errors).toEqual([]);
  await server.close();
});

const untagged = { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 1 };
const any = { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 };
const archive = { type: "transition", targetStorageClass: "archive" };

function pass(milliseconds: number): void {
  server.clock.now = new Date(server.clock.now.getTime() + milliseconds);
}
function policy(...rules: object[]): string {
  const numbered = rules.map((rule, index) => ({
    rulePriority: index + 1,
    selection: {}, // Here for its place: ECR gives members back in this order.
    action: { type: "expire" },
    ...rule,
  }));
  return JSON.stringify({ rules: numbered });
}
function push(name: string, tag?: string) {
  return clientOf(server).push(repositoryName, anImage([name]), tag);
}
const putPolicy = (lifecyclePolicyText: string) =>
  ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
const getPolicy = () => ecr.send(new GetLifecyclePolicyCommand({ repositoryName }));
const startPreview = (lifecyclePolicyText?: string) =>
  ecr.send(new StartLifecyclePolicyPreviewCommand({ repositoryName, lifecyclePolicyText }));
const getPreview = (more: object = {}) =>
  ecr.send(new GetLifecyclePolicyPreviewCommand({ repositoryName, ...more }));

describe("a lifecycle policy over the SDK", () => {
  test("is put, read with its rules ordered, evaluated and deleted", async () => {
    const text = policy({ selection: any, rulePriority: 7 }, { selection: untagged });
    expect(await putPolicy(text)).toMatchObject({
      registryId: "111122223333",
      repositoryName,
      lifecyclePolicyText: text,
    });
    const read = await getPolicy();
    const { rules } = JSON.parse(String(read.lifecyclePolicyText));
    expect(rules.map((rule: { rulePriority: number }) => rule.rulePriority)).toEqual([2, 7]);
    expect(read.lastEvaluatedAt).toEqual(new Date(0));
    pass(DAY);
    await server.registry.runLifecycle("scheduled");
    expect((await getPolicy()).lastEvaluatedAt).toEqual(server.clock.now);

    const deleted = await ecr.send(new DeleteLifecyclePolicyCommand({ repositoryName }));
    expect(deleted.lifecyclePolicyText).toBe(read.lifecyclePolicyText);
    await expect(getPolicy()).rejects.toBeInstanceOf(LifecyclePolicyNotFoundException);
    const again = ecr.send(new DeleteLifecyclePolicyCommand({ repositoryName }));
    await expect(again).rejects.toMatchObject({
      message: `Lifecycle policy does not exist for the repository with name '${repositoryName}' in the registry with id '111122223333'`,
    });
  });

  test.each([
    ["is too short", "{}", "length greater than or equal to 100"],
    [
      "is too long",
      policy({ selection: any, description: "x".repeat(30_720) }),
      "length less than or equal to 30720",
    ],
    [
      "is no JSON",
      "x".repeat(100),
      "Lifecycle policy validation failure: Could not map policyString into LifecyclePolicy.'",
    ],
    [
      "has two untagged rules",
      policy({ selection: untagged }, { selection: { ...untagged, countNumber: 2 } }),
      "Lifecycle policy validation failure: Only one rule can select Untagged images per storage class.'",
    ],
  ])("is refused when it %s, as a preview too", async (_, text, message) => {
    for (const refused of [putPolicy(text), startPreview(text)]) {
      const error = await refused.catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(InvalidParameterException);
      expect((error as Error).message).toMatch(/^Invalid parameter at '[lL]ifecyclePolicyText' failed to/);
      expect((error as Error).message).toContain(message);
    }
    await expect(getPolicy()).rejects.toBeInstanceOf(LifecyclePolicyNotFoundException);
  });

  test("belongs to a repository that exists", async () => {
    const absent = { repositoryName: "absent", lifecyclePolicyText: policy({ selection: any }) };
    for (const refused of [
      ecr.send(new PutLifecyclePolicyCommand(absent)),
      ecr.send(new GetLifecyclePolicyCommand(absent)),
      ecr.send(new DeleteLifecyclePolicyCommand(absent)),
      ecr.send(new StartLifecyclePolicyPreviewCommand(absent)),
      ecr.send(new GetLifecyclePolicyPreviewCommand(absent)),
    ])
      await expect(refused).rejects.toBeInstanceOf(RepositoryNotFoundException);
  });

  test("expires on its day and archives what it should", async () => {
    await push("untagged 1");
    pass(HOUR);
    await push("untagged 2");
    await push("tagged", "v1");
    await putPolicy(policy({ selection: untagged }, { selection: any, action: archive }));
    pass(15 * DAY);
    await server.registry.runLifecycle("scheduled");
    const { imageDetails } = await ecr.send(
      new DescribeImagesCommand({ repositoryName, filter: { imageStatus: "ANY" } }),
    );
    expect(imageDetails?.map((image) => [image.imageDigest, image.imageStatus]).toSorted()).toEqual(
      [
        [anImage(["untagged 2"]).digest, "ACTIVE"],
        [anImage(["tagged"]).digest, "ARCHIVED"],
      ].toSorted(),
    );
  });
});

describe("a lifecycle policy preview over the SDK", () => {
  test("runs, is complete, and deletes nothing", async () => {
    await push("old", "v1");
    await push("old and untagged");
    pass(15 * DAY);
    await push("young");
    const text = policy({ selection: untagged }, { selection: any, action: archive });
    expect(await startPreview(text)).toMatchObject({ status: "IN_PROGRESS", lifecyclePolicyText: text });
    expect(await getPreview()).toMatchObject({ status: "IN_PROGRESS", previewResults: [] });
    await expect(startPreview(text)).rejects.toBeInstanceOf(LifecyclePolicyPreviewInProgressException);
    pass(1000);
    expect(await getPreview()).toMatchObject({
      status: "COMPLETE",
      lifecyclePolicyText: text,
      previewResults: expect.arrayContaining([
        expect.objectContaining({ imageTags: [], action: { type: "EXPIRE" }, appliedRulePriority: 1 }),
        {
          imageTags: ["v1"],
          imageDigest: anImage(["old"]).digest,
          imagePushedAt: start,
          action: { type: "TRANSITION", targetStorageClass: "ARCHIVE" },
          appliedRulePriority: 2,
          storageClass: "STANDARD",
        },
      ]),
      summary: {
        expiringImageTotalCount: 1,
        transitioningImageTotalCounts: [{ targetStorageClass: "ARCHIVE", imageTotalCount: 1 }],
      },
    });
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
    expect(imageDetails).toHaveLength(3);
    expect(server.events.map(({ detail }) => detail["eventName"]).filter(Boolean)).toEqual(["DryRunEvent"]);
    pass(DAY);
    expect(await getPreview()).toMatchObject({ status: "EXPIRED", previewResults: [] });
  });

  test("takes the stored policy where none is given", async () => {
    await expect(getPreview()).rejects.toBeInstanceOf(LifecyclePolicyPreviewNotFoundException);
    await expect(startPreview()).rejects.toBeInstanceOf(LifecyclePolicyNotFoundException);
    const text = policy({ selection: any });
    await putPolicy(text);
    expect((await startPreview()).lifecyclePolicyText).toBe(text);
    pass(-DAY);
    expect((await getPreview()).status).toBe("COMPLETE");
  });

  test("ends the SDK's waiter", async () => {
    await startPreview(policy({ selection: any }));
    pass(1000);
    const waiting = { client: ecr, maxWaitTime: 30 };
    const { state } = await waitUntilLifecyclePolicyPreviewComplete(waiting, { repositoryName });
    expect(state).toBe("SUCCESS");
  });

  test("comes in pages of at most 100, and is thinned out by ids and tags", async () => {
    for (let n = 0; n < 105; n++) await push(`image ${n}`, n < 3 ? `v${n}` : undefined);
    pass(15 * DAY);
    await startPreview(policy({ selection: any }));
    pass(1000);
    const sizes: number[] = [];
    const digests = new Set<string | undefined>();
    for await (const page of paginateGetLifecyclePolicyPreview({ client: ecr }, { repositoryName })) {
      sizes.push(page.previewResults?.length ?? 0);
      for (const result of page.previewResults ?? []) digests.add(result.imageDigest);
      expect(page.summary?.expiringImageTotalCount).toBe(105);
    }
    expect([sizes, digests.size]).toEqual([[100, 5], 105]);

    const tagged: (string | undefined)[] = [];
    const filter = { tagStatus: "TAGGED" as const };
    for await (const page of paginateGetLifecyclePolicyPreview(
      { client: ecr, pageSize: 30 },
      { repositoryName, filter },
    ))
      tagged.push(...(page.previewResults ?? []).flatMap((result) => result.imageTags));
    expect(tagged.toSorted()).toEqual(["v0", "v1", "v2"]);

    const imageIds = [{ imageTag: "v1" }, { imageDigest: anImage(["image 50"]).digest }, { imageTag: "no" }];
    const { previewResults } = await getPreview({ imageIds });
    expect(previewResults?.map((result) => result.imageDigest).toSorted()).toEqual(
      [anImage(["image 1"]).digest, anImage(["image 50"]).digest].toSorted(),
    );
    for (const refused of [getPreview({ maxResults: 101 }), getPreview({ imageIds, maxResults: 5 })])
      await expect(refused).rejects.toBeInstanceOf(InvalidParameterException);
  });

  test("shows the images as they were when it started", async () => {
    await push("old", "v1");
    pass(15 * DAY);
    await startPreview(policy({ selection: any }));
    pass(1000);
    await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: "v1" }] }));
    expect((await getPreview()).previewResults).toHaveLength(1);
  });
});
