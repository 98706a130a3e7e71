import { afterAll, beforeAll, expect, test } from "vitest";
import { anImage } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

const repositoryName = "team/app";
const resourceArn = `arn:aws:ecr:us-east-1:111122223333:repository/${repositoryName}`;
let server: RegistryServer;
let client: RegistryClient;

beforeAll(async () => {
  server = await startRegistryServer();
  client = clientOf(server);
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

function policyOf(action: string, more: object = {}): string {
  const statement = { Effect: "Allow", Principal: "*", Action: action, ...more };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

const lifecyclePolicyText = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      description: "what nobody has named for two weeks",
      selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
      action: { type: "expire" },
    },
  ],
});
const wildcard = (filterType: string, filter = "team/*") => ({ filterType, filter });
const destination = { registryId: "111122223333", region: "us-west-2" };

/** Every operation that sets something, and by which it is read. */
const SETTINGS: readonly (readonly [set: string, input: object, get: string, read: object])[] = [
  [
    "PutImageTagMutability",
    {
      repositoryName,
      imageTagMutability: "MUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [wildcard("WILDCARD", "v*")],
    },
    "DescribeRepositories",
    { repositoryNames: [repositoryName] },
  ],
  [
    "PutImageScanningConfiguration",
    { repositoryName, imageScanningConfiguration: { scanOnPush: true } },
    "DescribeRepositories",
    {},
  ],
  [
    "TagResource",
    { resourceArn, tags: [{ Key: "team", Value: "a" }] },
    "ListTagsForResource",
    { resourceArn },
  ],
  [
    "SetRepositoryPolicy",
    { repositoryName, policyText: policyOf("ecr:BatchGetImage") },
    "GetRepositoryPolicy",
    { repositoryName },
  ],
  [
    "PutRegistryPolicy",
    { policyText: policyOf("ecr:ReplicateImage", { Resource: "*" }) },
    "GetRegistryPolicy",
    {},
  ],
  ["PutLifecyclePolicy", { repositoryName, lifecyclePolicyText }, "GetLifecyclePolicy", { repositoryName }],
  ["StartLifecyclePolicyPreview", { repositoryName }, "GetLifecyclePolicyPreview", { repositoryName }],
  [
    "PutReplicationConfiguration",
    { replicationConfiguration: { rules: [{ destinations: [destination] }] } },
    "DescribeRegistry",
    {},
  ],
  [
    "PutRegistryScanningConfiguration",
    { rules: [{ scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [wildcard("WILDCARD")] }] },
    "GetRegistryScanningConfiguration",
    {},
  ],
  [
    "PutSigningConfiguration",
    {
      signingConfiguration: {
        rules: [
          {
            signingProfileArn: "arn:aws:signer:us-east-1:111122223333:/signing-profiles/release",
            repositoryFilters: [wildcard("WILDCARD_MATCH")],
          },
        ],
      },
    },
    "GetSigningConfiguration",
    {},
  ],
  [
    "RegisterPullTimeUpdateExclusion",
    { principalArn: "arn:aws:iam::111122223333:role/scanner" },
    "ListPullTimeUpdateExclusions",
    {},
  ],
  [
    "PutAccountSetting",
    { name: "BLOB_MOUNTING", value: "ENABLED" },
    "GetAccountSetting",
    { name: "BLOB_MOUNTING" },
  ],
  [
    "CreatePullThroughCacheRule",
    { ecrRepositoryPrefix: "quay", upstreamRegistryUrl: "quay.io" },
    "DescribePullThroughCacheRules",
    {},
  ],
  [
    "CreateRepositoryCreationTemplate",
    { prefix: "prod", appliedFor: ["REPLICATION"], imageTagMutability: "IMMUTABLE", lifecyclePolicy: "" },
    "DescribeRepositoryCreationTemplates",
    {},
  ],
  [
    "UpdateImageStorageClass",
    { repositoryName, imageId: { imageTag: "1" }, targetStorageClass: "ARCHIVE" },
    "DescribeImages",
    { repositoryName, filter: { imageStatus: "ARCHIVED" } },
  ],
];

async function readAll(): Promise<readonly unknown[]> {
  const answers = SETTINGS.map(([, , get, read]) => client.api(get, read));
  return (await Promise.all(answers)).map(({ status, body }) => [status, body]);
}

test("everything that can be set is answered after a restart as before it", async () => {
  await client.api("CreateRepository", { repositoryName });
  await client.push(repositoryName, anImage(), "1");
  for (const [set, input] of SETTINGS)
    expect([set, (await client.api(set, input)).status]).toEqual([set, 200]);
  await server.registry.idle();
  const before = await readAll();
  await server.restart();
  expect(await readAll()).toEqual(before);
  expect(before.map((answer) => (answer as unknown[])[0])).toEqual(SETTINGS.map(() => 200));
});
