import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  type ECRClient,
  ImageTagAlreadyExistsException,
  InvalidParameterException,
  InvalidTagParameterException,
  ListTagsForResourceCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  RepositoryNotFoundException,
  type Tag,
  TagResourceCommand,
  TooManyTagsException,
  UntagResourceCommand,
} from "@aws-sdk/client-ecr";
import { anImage } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, withRegistry } from "./ecr-client.ts";

/** What a repository is created with and what changes it later, as the AWS SDK sees it. */
const registry = withRegistry();
const repositoryName = "team/app";
const resourceArn = `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/${repositoryName}`;
let ecr: ECRClient;

beforeEach(() => {
  ecr = registry.client();
});

const create = (more: object = {}) => ecr.send(new CreateRepositoryCommand({ repositoryName, ...more }));
async function describeIt() {
  const { repositories } = await ecr.send(
    new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }),
  );
  return repositories?.[0];
}

describe("encryption", () => {
  const key = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234`;
  test.each([
    [undefined, { encryptionType: "AES256" }],
    [{ encryptionType: "AES256" }, { encryptionType: "AES256" }],
    [
      { encryptionType: "KMS" },
      { encryptionType: "KMS", kmsKey: `arn:aws:kms:us-east-1:${ACCOUNT}:alias/aws/ecr` },
    ],
    [
      { encryptionType: "KMS", kmsKey: key },
      { encryptionType: "KMS", kmsKey: key },
    ],
    [
      { encryptionType: "KMS_DSSE", kmsKey: "1234" },
      { encryptionType: "KMS_DSSE", kmsKey: key },
    ],
  ])("%j is described as %j", async (encryptionConfiguration, described) => {
    const { repository } = await create({ encryptionConfiguration });
    expect(repository?.encryptionConfiguration).toEqual(described);
    await registry.server.restart();
    expect((await describeIt())?.encryptionConfiguration).toEqual(described);
  });
});

describe("tag mutability", () => {
  const filters = [{ filterType: "WILDCARD" as const, filter: "release-*" }];

  test("is changed with its filters, and counts from then on", async () => {
    await create();
    const push = (layer: string, tag: string) =>
      clientOf(registry.server).push(repositoryName, anImage([layer]), tag);
    await push("1", "release-1");
    const answer = await ecr.send(
      new PutImageTagMutabilityCommand({
        repositoryName,
        imageTagMutability: "MUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: filters,
      }),
    );
    expect(answer).toMatchObject({
      registryId: ACCOUNT,
      repositoryName,
      imageTagMutability: "MUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: filters,
    });
    expect((await push("2", "release-1")).status).toBe(400);
    expect((await push("3", "dev")).status).toBe(201);
    expect((await push("4", "dev")).status).toBe(201);
    await ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: "MUTABLE" }));
    expect((await push("2", "release-1")).status).toBe(201);
    const described = await describeIt();
    expect(described?.imageTagMutability).toBe("MUTABLE");
    expect(described?.imageTagMutabilityExclusionFilters).toBeUndefined();
  });

  test("takes filters exactly where it has exclusions, and a repository that exists", async () => {
    await create();
    const put = (input: object) =>
      ecr.send(
        new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: "IMMUTABLE", ...input }),
      );
    await expect(put({ imageTagMutabilityExclusionFilters: filters })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "ImageTagMutabilityExclusionFilters must be null when imageTagMutability is set as IMMUTABLE",
    });
    await expect(put({ imageTagMutability: "IMMUTABLE_WITH_EXCLUSION" })).rejects.toMatchObject({
      message:
        "ImageTagMutabilityExclusionFilters can't be null when imageTagMutability is set as IMMUTABLE_WITH_EXCLUSION",
    });
    await expect(put({ repositoryName: "absent" })).rejects.toBeInstanceOf(RepositoryNotFoundException);
  });
});

test("scan on push is switched on and off", async () => {
  await create();
  for (const scanOnPush of [true, false]) {
    const imageScanningConfiguration = { scanOnPush };
    const answer = await ecr.send(
      new PutImageScanningConfigurationCommand({ repositoryName, imageScanningConfiguration }),
    );
    expect(answer).toMatchObject({ registryId: ACCOUNT, repositoryName, imageScanningConfiguration });
    expect((await describeIt())?.imageScanningConfiguration).toEqual(imageScanningConfiguration);
  }
});

describe("resource tags", () => {
  const list = async () => {
    const { tags = [] } = await ecr.send(new ListTagsForResourceCommand({ resourceArn }));
    return tags.toSorted((a, b) => String(a.Key).localeCompare(String(b.Key)));
  };
  const put = (tags: Tag[]) => ecr.send(new TagResourceCommand({ resourceArn, tags }));
  const some = (count: number) => Array.from({ length: count }, (_, n) => ({ Key: `key${n}`, Value: "" }));

  test("are given at creation, added, overwritten, taken away, and kept over a restart", async () => {
    await create({ tags: [{ Key: "team", Value: "a" }] });
    expect(await list()).toEqual([{ Key: "team", Value: "a" }]);
    await put([
      { Key: "team", Value: "b" },
      { Key: "stage", Value: "prod" },
    ]);
    await registry.server.restart();
    expect(await list()).toEqual([
      { Key: "stage", Value: "prod" },
      { Key: "team", Value: "b" },
    ]);
    await ecr.send(new UntagResourceCommand({ resourceArn, tagKeys: ["team", "absent"] }));
    expect(await list()).toEqual([{ Key: "stage", Value: "prod" }]);
  });

  test("are at most fifty, together with those that are there", async () => {
    await create({ tags: some(49) });
    await put([{ Key: "key0", Value: "again" }]);
    await put([{ Key: "one more", Value: "" }]);
    await expect(put([{ Key: "too many", Value: "" }])).rejects.toBeInstanceOf(TooManyTagsException);
    expect(await list()).toHaveLength(50);
    const other = new CreateRepositoryCommand({ repositoryName: "other", tags: some(51) });
    await expect(ecr.send(other)).rejects.toBeInstanceOf(TooManyTagsException);
  });

  test.each([
    ["the longest key and value", { Key: "k".repeat(128), Value: "v".repeat(256) }, undefined],
    ["every character", { Key: "ä 1_.:/=+-@", Value: "" }, undefined],
    ["an empty key", { Key: "", Value: "v" }, InvalidTagParameterException],
    ["a longer key", { Key: "k".repeat(129), Value: "v" }, InvalidTagParameterException],
    ["a longer value", { Key: "k", Value: "v".repeat(257) }, InvalidTagParameterException],
    ["a character that no tag has", { Key: "k", Value: "a;b" }, InvalidTagParameterException],
    ["AWS's own prefix", { Key: "aws:team", Value: "v" }, InvalidTagParameterException],
    ["AWS's own prefix in capitals", { Key: "AWS:team", Value: "v" }, InvalidTagParameterException],
    ["a tag without a key", { Key: undefined, Value: "v" }, InvalidParameterException],
  ])("with %s", async (_, tag, exception) => {
    if (exception === undefined) {
      await create({ tags: [tag] });
      expect(await list()).toEqual([tag]);
      return;
    }
    await expect(create({ tags: [tag] })).rejects.toBeInstanceOf(exception);
    await expect(describeIt()).rejects.toBeInstanceOf(RepositoryNotFoundException);
    await create();
    await expect(put([tag as Tag])).rejects.toBeInstanceOf(exception);
    expect(await list()).toEqual([]);
  });

  test("name a key once, and not by AWS's prefix when they are taken away", async () => {
    await create();
    const twice = [
      { Key: "k", Value: "1" },
      { Key: "k", Value: "2" },
    ];
    await expect(put(twice)).rejects.toBeInstanceOf(InvalidTagParameterException);
    const untag = ecr.send(new UntagResourceCommand({ resourceArn, tagKeys: ["aws:team"] }));
    await expect(untag).rejects.toBeInstanceOf(InvalidTagParameterException);
  });

  test("belong to a repository that exists, in the Region that is asked", async () => {
    for (const refused of [
      list(),
      put([{ Key: "k", Value: "v" }]),
      ecr.send(new UntagResourceCommand({ resourceArn, tagKeys: ["k"] })),
    ]) {
      await expect(refused).rejects.toBeInstanceOf(RepositoryNotFoundException);
    }
    await create();
    const west = registry.client(ACCOUNT, "us-west-2");
    await expect(west.send(new ListTagsForResourceCommand({ resourceArn }))).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN'",
    });
  });
});

test("a tag that is immutable is an exception of its own", async () => {
  await create({ imageTagMutability: "IMMUTABLE" });
  const client = clientOf(registry.server);
  await client.push(repositoryName, anImage(["1"]), "v1");
  await client.push(repositoryName, anImage(["2"]));
  const { body } = await client.api("BatchGetImage", {
    repositoryName,
    imageIds: [{ imageDigest: anImage(["2"]).digest }],
  });
  const imageManifest = body["images"]?.[0]?.["imageManifest"];
  const refused = await client.api("PutImage", { repositoryName, imageManifest, imageTag: "v1" });
  expect(refused.body["__type"]).toBe(ImageTagAlreadyExistsException.name);
});
