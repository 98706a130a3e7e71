import { createHash } from "node:crypto";
import {
  BatchCheckLayerAvailabilityCommand,
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeImageReplicationStatusCommand,
  DescribeImagesCommand,
  DescribeRegistryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetRegistryPolicyCommand,
  GetRepositoryPolicyCommand,
  ImageNotFoundException,
  InvalidParameterException,
  ListPullTimeUpdateExclusionsCommand,
  ListReplicationBackfillsCommand,
  PutImageCommand,
  PutRegistryPolicyCommand,
  PutReplicationConfigurationCommand,
  paginateDescribeImages,
  paginateListImages,
  RegisterPullTimeUpdateExclusionCommand,
  RegistryPolicyNotFoundException,
  RepositoryNotFoundException,
  SetRepositoryPolicyCommand,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import { anImage, OCI_CONFIG, OCI_MANIFEST } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The AWS SDK is the judge here: what it parses, throws and pages through, with its own retries and its own types. */
const repositoryName = "team/app";
let server: RegistryServer;
let ecr: ECRClient;

function sdkClient(account: string, region = "us-east-1"): ECRClient {
  const credentials = { accessKeyId: account, secretAccessKey: "test" };
  return new ECRClient({ endpoint: server.url, region, credentials, maxAttempts: 1 });
}

beforeAll(async () => {
  server = await startRegistryServer();
  ecr = sdkClient("111122223333");
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
});
afterAll(async () => {
  ecr.destroy();
  expect(server.errors).toEqual([]);
  await server.close();
});

describe("the AWS SDK", () => {
  test("reads a repository with its creation time as a date", async () => {
    const { repositories } = await ecr.send(
      new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }),
    );
    expect(repositories?.[0]).toMatchObject({
      repositoryArn: `arn:aws:ecr:us-east-1:111122223333:repository/${repositoryName}`,
      createdAt: server.clock.now,
      imageTagMutability: "MUTABLE",
    });
  });

  test("gets a token that opens /v2 at its proxy endpoint", async () => {
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const [data] = authorizationData ?? [];
    expect(data?.expiresAt).toEqual(new Date(server.clock.now.getTime() + 12 * 60 * 60 * 1000));
    const { port } = new URL(String(data?.proxyEndpoint));
    const headers = { Authorization: `Basic ${data?.authorizationToken}` };
    const answer = await fetch(`http://127.0.0.1:${port}/v2/`, { headers });
    expect(answer.status).toBe(200);
  });

  test("retags by BatchGetImage and PutImage with the manifest as it was", async () => {
    const image = anImage(["retag"]);
    await clientOf(server).push(repositoryName, image, "1.0");
    const imageIds = [{ imageTag: "1.0" }];
    const { images } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }));
    const imageManifest = images?.[0]?.imageManifest;
    expect(`sha256:${createHash("sha256").update(String(imageManifest)).digest("hex")}`).toBe(image.digest);
    await ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: "stable" }));
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName, imageIds }));
    expect(imageDetails?.[0]).toMatchObject({
      imageDigest: image.digest,
      imageTags: ["1.0", "stable"],
      imagePushedAt: server.clock.now,
      lastRecordedPullTime: server.clock.now,
      imageManifestMediaType: OCI_MANIFEST,
      artifactMediaType: OCI_CONFIG,
      imageStatus: "ACTIVE",
      imageSizeInBytes: 5,
    });
  });

  test("pages through images and ids with its paginators", async () => {
    await ecr.send(new CreateRepositoryCommand({ repositoryName: "paged" }));
    for (let n = 0; n < 5; n++) await clientOf(server).push("paged", anImage([`layer ${n}`]), `tag-${n}`);
    const digests: (string | undefined)[] = [];
    for await (const page of paginateDescribeImages(
      { client: ecr, pageSize: 2 },
      { repositoryName: "paged" },
    )) {
      digests.push(...(page.imageDetails ?? []).map((image) => image.imageDigest));
    }
    const tags: (string | undefined)[] = [];
    for await (const page of paginateListImages({ client: ecr, pageSize: 2 }, { repositoryName: "paged" })) {
      tags.push(...(page.imageIds ?? []).map((id) => id.imageTag));
    }
    expect(new Set(digests).size).toBe(5);
    expect(tags.toSorted()).toEqual(["tag-0", "tag-1", "tag-2", "tag-3", "tag-4"]);
  });

  test("throws its own exception classes", async () => {
    const absent = ecr.send(new DescribeRepositoriesCommand({ repositoryNames: ["no/such"] }));
    await expect(absent).rejects.toBeInstanceOf(RepositoryNotFoundException);
    const imageIds = [{ imageTag: "absent" }];
    const image = ecr.send(new DescribeImagesCommand({ repositoryName, imageIds }));
    await expect(image).rejects.toBeInstanceOf(ImageNotFoundException);
    const invalid = ecr.send(new DescribeImagesCommand({ repositoryName: "UPPER" }));
    await expect(invalid).rejects.toBeInstanceOf(InvalidParameterException);
    const policy = ecr.send(new GetRegistryPolicyCommand({}));
    await expect(policy).rejects.toBeInstanceOf(RegistryPolicyNotFoundException);
    const unknown = ecr.send(new ListReplicationBackfillsCommand({}));
    await expect(unknown).rejects.toMatchObject({ name: "UnknownOperationException" });
  });

  test("is told of each failure of a batch", async () => {
    const imageIds = [{ imageTag: "absent" }, {}];
    const { failures } = await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
    expect(failures?.map((failure) => failure.failureCode)).toEqual(["ImageNotFound", "MissingDigestAndTag"]);
    const layerDigests = [`sha256:${"0".repeat(64)}`];
    const { layers } = await ecr.send(
      new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests }),
    );
    expect(layers?.[0]?.layerAvailability).toBe("UNAVAILABLE");
  });

  test("archives and restores", async () => {
    await clientOf(server).push(repositoryName, anImage(["archive"]), "old");
    const input = { repositoryName, imageId: { imageTag: "old" } };
    const archived = await ecr.send(
      new UpdateImageStorageClassCommand({ ...input, targetStorageClass: "ARCHIVE" }),
    );
    expect(archived.imageStatus).toBe("ARCHIVED");
    const { imageDetails } = await ecr.send(
      new DescribeImagesCommand({ repositoryName, filter: { imageStatus: "ARCHIVED" } }),
    );
    expect(imageDetails?.map((image) => image.lastArchivedAt)).toEqual([server.clock.now]);
    await ecr.send(new UpdateImageStorageClassCommand({ ...input, targetStorageClass: "STANDARD" }));
  });

  test("registers a pull-time exclusion and lists it", async () => {
    const principalArn = "arn:aws:iam::111122223333:role/reader";
    const { createdAt } = await ecr.send(new RegisterPullTimeUpdateExclusionCommand({ principalArn }));
    expect(createdAt).toEqual(server.clock.now);
    const { pullTimeUpdateExclusions } = await ecr.send(new ListPullTimeUpdateExclusionsCommand({}));
    expect(pullTimeUpdateExclusions).toEqual([principalArn]);
  });

  test("configures replication to another account and follows an image there", async () => {
    const replicationConfiguration = {
      rules: [{ destinations: [{ region: "us-east-1", registryId: "444455556666" }] }],
    };
    await ecr.send(new PutReplicationConfigurationCommand({ replicationConfiguration }));
    const described = await ecr.send(new DescribeRegistryCommand({}));
    expect(described.replicationConfiguration).toEqual(replicationConfiguration);
    const abroad = sdkClient("444455556666");
    const policyText = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::111122223333:root" },
          Action: ["ecr:ReplicateImage", "ecr:CreateRepository"],
          Resource: "*",
        },
      ],
    });
    await abroad.send(new PutRegistryPolicyCommand({ policyText }));
    await clientOf(server).push(repositoryName, anImage(["abroad"]), "abroad");
    await server.registry.idle();
    const { replicationStatuses } = await ecr.send(
      new DescribeImageReplicationStatusCommand({ repositoryName, imageId: { imageTag: "abroad" } }),
    );
    expect(replicationStatuses).toEqual([
      { region: "us-east-1", registryId: "444455556666", status: "COMPLETE" },
    ]);
    const { imageDetails } = await abroad.send(new DescribeImagesCommand({ repositoryName }));
    expect(imageDetails?.[0]?.imageTags).toEqual(["abroad"]);
    abroad.destroy();
  });

  test("sets a repository policy and reads the text back", async () => {
    const policyText = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Sid: "pull", Effect: "Allow", Principal: "*", Action: ["ecr:BatchGetImage"] }],
    });
    await ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
    expect((await ecr.send(new GetRepositoryPolicyCommand({ repositoryName }))).policyText).toBe(policyText);
  });

  test("deletes a repository with everything in it", async () => {
    await ecr.send(new CreateRepositoryCommand({ repositoryName: "gone" }));
    await clientOf(server).push("gone", anImage(), "1");
    const refused = ecr.send(new DeleteRepositoryCommand({ repositoryName: "gone" }));
    await expect(refused).rejects.toMatchObject({ name: "RepositoryNotEmptyException" });
    await ecr.send(new DeleteRepositoryCommand({ repositoryName: "gone", force: true }));
  });
});
