import {
  BatchDeleteImageCommand,
  CreateRepositoryCommand,
  CreateRepositoryCreationTemplateCommand,
  DeleteRepositoryCreationTemplateCommand,
  DescribeImageReplicationStatusCommand,
  DescribeImagesCommand,
  DescribeRegistryCommand,
  DescribeRepositoriesCommand,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  PutImageTagMutabilityCommand,
  PutRegistryPolicyCommand,
  PutReplicationConfigurationCommand,
  type ReplicationRule,
  RepositoryNotFoundException,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { EventWorld, type Heard } from "../support/event-world.ts";
import { OCI_MANIFEST, type Registry, type RegistryClient } from "../support/registry-client.ts";
import { until } from "../support/until.ts";

const source = { account: "111122223333", region: "us-west-2" };
const near = { account: "111122223333", region: "us-east-1" };
const abroad = { account: "444455556666", region: "us-east-1" };

let world: EventWorld;
let client: RegistryClient;
let repositoryName: string;
let count = 0;

beforeAll(async () => {
  world = await EventWorld.start([near, source, abroad]);
});
afterAll(() => world.stop());
beforeEach(async () => {
  repositoryName = `copies/${++count}`;
  await world.control("switches", { replicationFailureEvents: false, statusWithoutReplication: "empty" });
  await replicateTo();
  await world.ecr(source).send(new CreateRepositoryCommand({ repositoryName }));
  client = await world.login(source);
});

function rule(...to: Registry[]): ReplicationRule {
  return { destinations: to.map(({ account, region }) => ({ registryId: account, region })) };
}
async function replicateTo(...rules: ReplicationRule[]): Promise<void> {
  await world
    .ecr(source)
    .send(new PutReplicationConfigurationCommand({ replicationConfiguration: { rules } }));
}
async function statuses(imageId: { imageTag?: string; imageDigest?: string }) {
  const command = new DescribeImageReplicationStatusCommand({ repositoryName, imageId });
  return (await world.ecr(source).send(command)).replicationStatuses ?? [];
}
/** The statuses, once every copy has ended. */
function ended(imageId: { imageTag?: string; imageDigest?: string }) {
  return until("the end of the copies", async () => {
    const found = await statuses(imageId);
    return found.length > 0 && found.every(({ status }) => status !== "IN_PROGRESS") && found;
  });
}
async function imagesIn(registry: Registry) {
  const command = new DescribeImagesCommand({ repositoryName, filter: { imageStatus: "ANY" } });
  const { imageDetails = [] } = await world.ecr(registry).send(command);
  return imageDetails.map(({ imageDigest, imageTags = [], imageStatus }) => ({
    imageDigest,
    imageTags,
    imageStatus,
  }));
}
const tagsIn = async (registry: Registry) =>
  (await imagesIn(registry)).flatMap(({ imageTags }) => imageTags).toSorted();
async function replications(): Promise<readonly Heard[]> {
  const events = await world.heard(repositoryName);
  return events.filter((event) => event["detail-type"] === "ECR Replication Action");
}

describe("replication, as the AWS SDK sees it", () => {
  test("takes ten rules and twenty-five destinations, and no more of either", async () => {
    const regions = (n: number) =>
      Array.from({ length: n }, (_, at) => ({ ...near, region: `xx-test-${at}` }));
    await replicateTo(...Array.from({ length: 10 }, () => rule(near)));
    const ecr = world.ecr(source);
    const { replicationConfiguration } = await ecr.send(new DescribeRegistryCommand({}));
    expect(replicationConfiguration?.rules).toHaveLength(10);
    await expect(replicateTo(...Array.from({ length: 11 }, () => rule(near)))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    await replicateTo(rule(...regions(13)), rule(...regions(25).slice(13)), rule(...regions(5)));
    await expect(replicateTo(rule(...regions(13)), rule(...regions(26).slice(13)))).rejects.toThrow(/25/);
    await expect(replicateTo(rule(source))).rejects.toThrow(/cannot be the same as the source registry/);
  });

  test("copies what a filter's prefix names, to every destination once", async () => {
    const filtered = (filter: string) => ({
      ...rule(near),
      repositoryFilters: [{ filter, filterType: "PREFIX_MATCH" as const }],
    });
    await replicateTo(filtered("copies/"), filtered("copies"), filtered("other/"));
    await client.pushImage(repositoryName, "1", "filtered");
    expect(await ended({ imageTag: "1" })).toEqual([
      { region: near.region, registryId: near.account, status: "COMPLETE" },
    ]);
    expect(await tagsIn(near)).toEqual(["1"]);
    expect(await replications()).toHaveLength(1);
    await replicateTo(filtered("other/"));
    await client.pushImage(repositoryName, "2", "unfiltered");
    expect(await statuses({ imageTag: "2" })).toEqual([]);
  });

  test("makes the repository with ECR's defaults, and leaves one that is there as it is", async () => {
    await replicateTo(rule(near));
    await client.pushImage(repositoryName, "1", "one");
    await ended({ imageTag: "1" });
    const command = new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] });
    const { repositories } = await world.ecr(near).send(command);
    expect(repositories).toMatchObject([
      { imageTagMutability: "MUTABLE", encryptionConfiguration: { encryptionType: "AES256" } },
    ]);
    const calls = (await world.heard(repositoryName)).filter(({ region }) => region === near.region);
    const names = calls.map(({ detail }) => detail["eventName"]).filter((name) => name !== undefined);
    expect(names).toEqual(["CreateRepository", "ReplicateImage"]);
    await world
      .ecr(near)
      .send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: "IMMUTABLE" }));
    const { digest } = await client.pushImage(repositoryName, "1", "two");
    await ended({ imageDigest: digest });
    expect((await imagesIn(near)).find(({ imageDigest }) => imageDigest === digest)?.imageTags).toEqual([]);
    expect((await replications()).map(({ detail }) => detail["image-tag"])).toEqual(["1", ""]);
  });

  test("makes the repository by the destination's template for replication with the longest prefix", async () => {
    const there = world.ecr(near);
    const policy = (Sid: string) =>
      JSON.stringify({ Statement: { Sid, Effect: "Allow", Principal: "*", Action: "ecr:BatchGetImage" } });
    const selection = { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 5 };
    const lifecyclePolicy = JSON.stringify({
      rules: [{ rulePriority: 1, selection, action: { type: "expire" } }],
    });
    const applied = { appliedFor: ["REPLICATION" as const], imageTagMutability: "IMMUTABLE" as const };
    for (const template of [
      { ...applied, prefix: "ROOT", repositoryPolicy: policy("root") },
      { ...applied, prefix: "copies/", repositoryPolicy: policy("near"), lifecyclePolicy },
      // Closer, but for something else; as close, but of another name; and of another Region.
      { ...applied, prefix: repositoryName, appliedFor: ["CREATE_ON_PUSH" as const] },
      { ...applied, prefix: "copie", repositoryPolicy: policy("other") },
    ])
      await there.send(new CreateRepositoryCreationTemplateCommand(template));
    await replicateTo(rule(near));
    await client.pushImage(repositoryName, "1", "templated");
    await ended({ imageTag: "1" });
    const { repositories } = await there.send(
      new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }),
    );
    expect(repositories).toMatchObject([{ imageTagMutability: "IMMUTABLE" }]);
    const { policyText } = await there.send(new GetRepositoryPolicyCommand({ repositoryName }));
    expect(policyText).toBe(policy("near"));
    const lifecycle = await there.send(new GetLifecyclePolicyCommand({ repositoryName }));
    expect(JSON.parse(String(lifecycle.lifecyclePolicyText)).rules).toMatchObject([{ selection }]);
    for (const prefix of ["ROOT", "copies/", repositoryName, "copie"])
      await there.send(new DeleteRepositoryCreationTemplateCommand({ prefix }));
    await replicateTo();
  });

  test("neither goes on from the destination, nor copies what was there before, nor what is deleted", async () => {
    await client.pushImage(repositoryName, "before", "before");
    await replicateTo(rule(near));
    const onward = new PutReplicationConfigurationCommand({
      replicationConfiguration: { rules: [rule(abroad)] },
    });
    await world.ecr(near).send(onward);
    await client.pushImage(repositoryName, "after", "after");
    await ended({ imageTag: "after" });
    await world
      .ecr(source)
      .send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: "after" }] }));
    expect(await tagsIn(near)).toEqual(["after"]);
    await expect(imagesIn(abroad)).rejects.toBeInstanceOf(RepositoryNotFoundException);
    await world
      .ecr(near)
      .send(new PutReplicationConfigurationCommand({ replicationConfiguration: { rules: [] } }));
  });

  test("moves a tag with its source, and brings an index with its children and an artifact of it", async () => {
    await replicateTo(rule(near));
    const children = [
      await client.pushImage(repositoryName, undefined, "amd"),
      await client.pushImage(repositoryName, undefined, "arm"),
    ];
    await client.pushImage(repositoryName, "latest", "old");
    const index = await client.pushIndex(repositoryName, "latest", children);
    const bytes = Buffer.from("{}");
    const digest = await client.pushBlob(repositoryName, bytes);
    const artifact = await client.pushManifest(repositoryName, undefined, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: "application/spdx+json", digest, size: bytes.length },
      layers: [],
      subject: index,
    });
    await ended({ imageDigest: artifact.digest });
    const copies = await imagesIn(near);
    expect(copies.find(({ imageTags }) => imageTags.includes("latest"))?.imageDigest).toBe(index.digest);
    for (const each of [...children, index, artifact])
      expect(copies.map(({ imageDigest }) => imageDigest)).toContain(each.digest);
    const there = await world.login(near);
    const referrers = await there.request("GET", `/v2/${repositoryName}/referrers/${index.digest}`);
    expect(((await referrers.json()) as { manifests: unknown[] }).manifests).toMatchObject([
      { digest: artifact.digest },
    ]);
  });

  test("copies a restored image anew, and restores it where it was archived", async () => {
    await replicateTo(rule(near));
    const { digest } = await client.pushImage(repositoryName, "1", "restored");
    await ended({ imageTag: "1" });
    const to = async (registry: Registry, targetStorageClass: "ARCHIVE" | "STANDARD") => {
      const imageId = { imageDigest: digest };
      await world
        .ecr(registry)
        .send(new UpdateImageStorageClassCommand({ repositoryName, imageId, targetStorageClass }));
    };
    await to(near, "ARCHIVE");
    await to(source, "ARCHIVE");
    expect((await imagesIn(near))[0]?.imageStatus).toBe("ARCHIVED");
    await to(source, "STANDARD");
    await world.control("clock", { advance: "PT30M" });
    await until("the restored copy", async () => (await imagesIn(near))[0]?.imageStatus === "ACTIVE");
    expect(await replications()).toHaveLength(2);
  });

  describe("into another account", () => {
    const grant = (...Action: string[]) => {
      const Principal = { AWS: `arn:aws:iam::${source.account}:root` };
      const Resource = `arn:aws:ecr:${abroad.region}:${abroad.account}:repository/copies/*`;
      const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal, Action, Resource }] };
      return world.ecr(abroad).send(new PutRegistryPolicyCommand({ policyText: JSON.stringify(policy) }));
    };
    const failed = (failureCode: string) => [
      { region: abroad.region, registryId: abroad.account, status: "FAILED", failureCode },
    ];

    test("fails until its registry's policy lets it, first in, then make the repository", async () => {
      await replicateTo(rule(abroad));
      await grant("ecr:DescribeImages");
      await client.pushImage(repositoryName, "1", "1");
      expect(await ended({ imageTag: "1" })).toEqual(failed("AccessDenied"));
      await grant("ecr:ReplicateImage");
      await client.pushImage(repositoryName, "2", "2");
      expect(await ended({ imageTag: "2" })).toEqual(failed("RepositoryNotFound"));
      await grant("ecr:ReplicateImage", "ecr:CreateRepository");
      await client.pushImage(repositoryName, "3", "3");
      expect(await ended({ imageTag: "3" })).toMatchObject([{ status: "COMPLETE" }]);
      expect(await tagsIn(abroad)).toEqual(["3"]);
      expect(await replications()).toMatchObject([
        {
          account: abroad.account,
          detail: { result: "SUCCESS", "source-account": source.account, "image-tag": "3" },
        },
      ]);
      const calls = (await world.heard(repositoryName)).filter(
        ({ detail }) => detail["eventName"] === "ReplicateImage",
      );
      expect(calls.map(({ account, detail }) => [account, detail["errorCode"]])).toEqual([
        [source.account, "AccessDenied"],
        [source.account, "RepositoryNotFound"],
        [abroad.account, undefined],
      ]);
    });

    test("is an event with the result FAILED where the switch says so", async () => {
      await replicateTo(rule(abroad));
      await grant("ecr:DescribeImages");
      await world.control("switches", { replicationFailureEvents: true });
      const { digest } = await client.pushImage(repositoryName, "1", "failing");
      await ended({ imageTag: "1" });
      expect(await replications()).toMatchObject([
        {
          account: abroad.account,
          region: abroad.region,
          resources: [`arn:aws:ecr:${abroad.region}:${abroad.account}:repository/${repositoryName}`],
          detail: {
            result: "FAILED",
            "action-type": "REPLICATE",
            "repository-name": repositoryName,
            "image-digest": digest,
            "image-tag": "1",
            "source-account": source.account,
            "source-region": source.region,
          },
        },
      ]);
    });
  });

  test("has no status where no rule copied: none at all, or by the switch a refusal", async () => {
    await client.pushImage(repositoryName, "1", "nowhere");
    expect(await statuses({ imageTag: "1" })).toEqual([]);
    await world.control("switches", { statusWithoutReplication: "refused" });
    await expect(statuses({ imageTag: "1" })).rejects.toMatchObject({ name: "ValidationException" });
    await expect(statuses({ imageTag: "2" })).rejects.toMatchObject({ name: "ImageNotFoundException" });
  });
});
