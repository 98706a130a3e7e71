import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { oneRegistry } from "../testing/one-registry.ts";
import { OPERATION_INPUTS } from "../testing/operation-inputs.ts";

const world = oneRegistry();
beforeAll(world.start);
beforeEach(world.empty);
afterAll(world.close);

type Name = keyof typeof OPERATION_INPUTS;
const text = (length: number) => "a".repeat(length);
const times = (length: number, item: unknown) => Array.from({ length }, () => item);
const digest = `sha256:${text(64)}`;
const secret = (length: number) => {
  const start = "arn:aws:secretsmanager:us-east-1:111122223333:secret:ecr-pullthroughcache/";
  return start + text(length - start.length);
};
const profile = (length: number) => {
  const start = "arn:aws:signer:us-east-1:111122223333:/signing-profiles/";
  return start + text(length - start.length);
};
const scanRule = (filters: number, filter = "a") => ({
  scanFrequency: "SCAN_ON_PUSH",
  repositoryFilters: times(filters, { filter, filterType: "WILDCARD" }),
});
const signing = (rules: number, filters?: number, filter = "a", signingProfileArn = profile(60)) => {
  const repositoryFilters = filters && times(filters, { filter, filterType: "WILDCARD_MATCH" });
  return { rules: times(rules, { signingProfileArn, repositoryFilters }) };
};
const exclusions = (count: number, filter = "a*") => times(count, { filterType: "WILDCARD", filter });
const replication = (rules: number, filters: number, filter = "aa") => ({
  rules: times(rules, {
    destinations: [{ region: "us-west-2", registryId: "111122223333" }],
    repositoryFilters: times(filters, { filter, filterType: "PREFIX_MATCH" }),
  }),
});
const excluding = { imageTagMutability: "MUTABLE_WITH_EXCLUSION" };
const filtersOf = (imageTagMutabilityExclusionFilters: unknown) => ({
  ...excluding,
  imageTagMutabilityExclusionFilters,
});
const pages = (operation: Name, most: number): [Name, string, object[], object[]] => [
  operation,
  "maxResults",
  [{ maxResults: 1 }, { maxResults: most }],
  [{ maxResults: 0 }, { maxResults: most + 1 }, { maxResults: -1 }],
];

/** Operation, member, what lies within its bounds, what lies just beyond. */
const LIMITS: readonly (readonly [Name, string, readonly object[], readonly object[]])[] = [
  pages("DescribeImages", 1000),
  pages("DescribeImageScanFindings", 1000),
  pages("DescribePullThroughCacheRules", 1000),
  pages("DescribeRepositories", 1000),
  pages("DescribeRepositoryCreationTemplates", 1000),
  pages("GetLifecyclePolicyPreview", 100),
  pages("ListImageReferrers", 50),
  pages("ListImages", 1000),
  pages("ListPullTimeUpdateExclusions", 1000),
  ...(["BatchGetImage", "BatchDeleteImage", "DescribeImages", "GetLifecyclePolicyPreview"] as const).map(
    (operation) =>
      [
        operation,
        "imageIds",
        [{ imageIds: times(1, { imageTag: "a" }) }, { imageIds: times(100, { imageTag: "a" }) }],
        [{ imageIds: [] }, { imageIds: times(101, { imageTag: "a" }) }],
      ] as const,
  ),
  [
    "StartImageScan",
    "imageId.imageTag",
    [{ imageId: { imageTag: "a" } }, { imageId: { imageTag: text(300) } }],
    [{ imageId: { imageTag: "" } }, { imageId: { imageTag: text(301) } }],
  ],
  [
    "DescribeRepositories",
    "repositoryNames",
    [{ repositoryNames: times(1, "aa") }, { repositoryNames: times(100, "aa") }],
    [{ repositoryNames: [] }, { repositoryNames: times(101, "aa") }],
  ],
  [
    "BatchGetRepositoryScanningConfiguration",
    "repositoryNames",
    [{ repositoryNames: times(1, "aa") }, { repositoryNames: times(25, "aa") }],
    [{ repositoryNames: [] }, { repositoryNames: times(26, "aa") }],
  ],
  [
    "BatchCheckLayerAvailability",
    "layerDigests",
    [{ layerDigests: times(1, digest) }, { layerDigests: times(100, digest) }],
    [{ layerDigests: [] }, { layerDigests: times(101, digest) }],
  ],
  [
    "GetAuthorizationToken",
    "registryIds",
    [{ registryIds: times(1, "111122223333") }, { registryIds: times(10, "111122223333") }],
    [{ registryIds: [] }, { registryIds: times(11, "111122223333") }],
  ],
  [
    "CreateRepository",
    "repositoryName",
    [
      { repositoryName: "aa" },
      { repositoryName: text(256) },
      { repositoryName: "0a" },
      { repositoryName: "a__b" },
    ],
    [
      { repositoryName: "a" },
      { repositoryName: text(257) },
      { repositoryName: "a___b" },
      { repositoryName: "a/" },
      { repositoryName: "a..b" },
    ],
  ],
  [
    "CreateRepository",
    "imageTagMutabilityExclusionFilters",
    [filtersOf(exclusions(1)), filtersOf(exclusions(5))],
    [filtersOf([]), filtersOf(exclusions(6))],
  ],
  [
    "PutImageTagMutability",
    "imageTagMutabilityExclusionFilters.1.member.filter",
    [filtersOf(exclusions(1, "a")), filtersOf(exclusions(1, text(128)))],
    [filtersOf(exclusions(1, "")), filtersOf(exclusions(1, text(129))), filtersOf(exclusions(1, "a?"))],
  ],
  [
    "CreateRepository",
    "encryptionConfiguration.kmsKey",
    [
      { encryptionConfiguration: { encryptionType: "KMS", kmsKey: "a" } },
      { encryptionConfiguration: { encryptionType: "KMS_DSSE", kmsKey: text(2048) } },
    ],
    [
      { encryptionConfiguration: { encryptionType: "KMS", kmsKey: "" } },
      { encryptionConfiguration: { encryptionType: "KMS", kmsKey: text(2049) } },
      { encryptionConfiguration: { encryptionType: "AES256", kmsKey: "a" } },
      {
        encryptionConfiguration: {
          encryptionType: "KMS",
          kmsKey: "arn:aws:kms:us-west-2:111122223333:key/abc",
        },
      },
    ],
  ],
  [
    "CreatePullThroughCacheRule",
    "ecrRepositoryPrefix",
    [
      { ecrRepositoryPrefix: "aa" },
      { ecrRepositoryPrefix: text(30) },
      { ecrRepositoryPrefix: "ROOT" },
      { ecrRepositoryPrefix: "a/b/" },
    ],
    [
      { ecrRepositoryPrefix: "a" },
      { ecrRepositoryPrefix: text(31) },
      { ecrRepositoryPrefix: "root//" },
      { ecrRepositoryPrefix: "Root" },
    ],
  ],
  [
    "CreatePullThroughCacheRule",
    "upstreamRepositoryPrefix",
    [{ upstreamRepositoryPrefix: "aa" }, { upstreamRepositoryPrefix: text(30) }],
    [
      { upstreamRepositoryPrefix: "a" },
      { upstreamRepositoryPrefix: text(31) },
      { ecrRepositoryPrefix: "ROOT", upstreamRepositoryPrefix: "aa" },
    ],
  ],
  [
    "UpdatePullThroughCacheRule",
    "credentialArn",
    [{ credentialArn: secret(75) }, { credentialArn: secret(612) }],
    [{ credentialArn: secret(75).replace("ecr-", "") }, { credentialArn: secret(613) }],
  ],
  [
    "CreateRepositoryCreationTemplate",
    "prefix",
    [{ prefix: "a" }, { prefix: text(256) }, { prefix: "ROOT" }],
    [{ prefix: "" }, { prefix: text(257) }, { prefix: "A" }],
  ],
  [
    "CreateRepositoryCreationTemplate",
    "description",
    [{ description: "" }, { description: text(256) }],
    [{ description: text(257) }],
  ],
  [
    "CreateRepositoryCreationTemplate",
    "customRoleArn",
    [{ customRoleArn: text(2048) }],
    [
      { customRoleArn: text(2049) },
      { resourceTags: [{ Key: "a", Value: "b" }] },
      { encryptionConfiguration: { encryptionType: "KMS" } },
    ],
  ],
  [
    "UpdateRepositoryCreationTemplate",
    "lifecyclePolicy",
    [{ lifecyclePolicy: "" }, { lifecyclePolicy: text(30_720) }],
    [{ lifecyclePolicy: text(30_721) }],
  ],
  [
    "UpdateRepositoryCreationTemplate",
    "repositoryPolicy",
    [{ repositoryPolicy: "" }, { repositoryPolicy: text(10_240) }],
    [{ repositoryPolicy: text(10_241) }],
  ],
  [
    "DescribeRepositoryCreationTemplates",
    "prefixes",
    [{ prefixes: [] }, { prefixes: times(100, "a") }],
    [{ prefixes: times(101, "a") }],
  ],
  [
    "DescribePullThroughCacheRules",
    "ecrRepositoryPrefixes",
    [{ ecrRepositoryPrefixes: times(1, "aa") }, { ecrRepositoryPrefixes: times(100, "aa") }],
    [{ ecrRepositoryPrefixes: [] }, { ecrRepositoryPrefixes: times(101, "aa") }],
  ],
  [
    "PutRegistryScanningConfiguration",
    "rules",
    [{ rules: [] }, { rules: [scanRule(1), { ...scanRule(1), scanFrequency: "MANUAL" }] }],
    [
      { rules: times(3, scanRule(1)) },
      { rules: times(2, scanRule(1)) },
      { rules: [{ ...scanRule(1), scanFrequency: "CONTINUOUS_SCAN" }] },
      { scanType: "ENHANCED", rules: [{ ...scanRule(1), scanFrequency: "MANUAL" }] },
    ],
  ],
  [
    "PutRegistryScanningConfiguration",
    "rules.1.member.repositoryFilters",
    [{ rules: [scanRule(0)] }, { rules: [scanRule(100)] }],
    [{ rules: [scanRule(101)] }],
  ],
  [
    "PutRegistryScanningConfiguration",
    "rules.1.member.repositoryFilters.1.member.filter",
    [{ rules: [scanRule(1, "*")] }, { rules: [scanRule(1, text(255))] }, { rules: [scanRule(1, "a/b-*")] }],
    [{ rules: [scanRule(1, "")] }, { rules: [scanRule(1, text(256))] }, { rules: [scanRule(1, "a//b")] }],
  ],
  [
    "PutSigningConfiguration",
    "signingConfiguration.rules",
    [{ signingConfiguration: signing(0) }, { signingConfiguration: signing(10) }],
    [{ signingConfiguration: signing(11) }],
  ],
  [
    "PutSigningConfiguration",
    "signingConfiguration.rules.1.member.repositoryFilters",
    [{ signingConfiguration: signing(1, 1) }, { signingConfiguration: signing(1, 100) }],
    [
      { signingConfiguration: { rules: [{ signingProfileArn: profile(60), repositoryFilters: [] }] } },
      { signingConfiguration: signing(1, 101) },
    ],
  ],
  [
    "PutSigningConfiguration",
    "signingConfiguration.rules.1.member.repositoryFilters.1.member.filter",
    [{ signingConfiguration: signing(1, 1, "*") }, { signingConfiguration: signing(1, 1, text(256)) }],
    [{ signingConfiguration: signing(1, 1, "") }, { signingConfiguration: signing(1, 1, text(257)) }],
  ],
  [
    "PutSigningConfiguration",
    "signingConfiguration.rules.1.member.signingProfileArn",
    [{ signingConfiguration: signing(1, 1, "a", profile(200)) }],
    [
      { signingConfiguration: signing(1, 1, "a", profile(201)) },
      { signingConfiguration: signing(1, 1, "a", "arn:aws:signer:us-east-1:1:/signing-profiles/aa") },
    ],
  ],
  [
    "ListImageReferrers",
    "filter.artifactTypes",
    [{ filter: { artifactTypes: [] } }, { filter: { artifactTypes: times(5, "a") } }],
    [{ filter: { artifactTypes: times(6, "a") } }],
  ],
  [
    "ListImageReferrers",
    "subjectId.imageDigest",
    [{ subjectId: { imageDigest: digest } }],
    [{ subjectId: { imageDigest: "latest" } }, { subjectId: {} }],
  ],
  [
    "GetAccountSetting",
    "name",
    [{ name: "REGISTRY_POLICY_SCOPE" }],
    [{ name: "" }, { name: text(65) }, { name: "x" }],
  ],
  [
    "PutAccountSetting",
    "value",
    [{ value: "ENABLED" }, { value: "DISABLED" }],
    [{ value: "enabled" }, { value: "" }, { name: "BASIC_SCAN_TYPE_VERSION", value: "CLAIR" }],
  ],
  [
    "PutReplicationConfiguration",
    "replicationConfiguration.rules",
    [{ replicationConfiguration: replication(0, 1) }, { replicationConfiguration: replication(10, 1) }],
    [{ replicationConfiguration: replication(11, 1) }],
  ],
  [
    "PutReplicationConfiguration",
    "replicationConfiguration.rules.1.member.repositoryFilters",
    [{ replicationConfiguration: replication(1, 1) }, { replicationConfiguration: replication(1, 100) }],
    [{ replicationConfiguration: replication(1, 0) }, { replicationConfiguration: replication(1, 101) }],
  ],
  [
    "PutReplicationConfiguration",
    "replicationConfiguration.rules.1.member.repositoryFilters.1.member.filter",
    [{ replicationConfiguration: replication(1, 1, text(256)) }],
    [
      { replicationConfiguration: replication(1, 1, "a") },
      { replicationConfiguration: replication(1, 1, text(257)) },
    ],
  ],
  [
    "TagResource",
    "resourceArn",
    [{}],
    [
      { resourceArn: "team/app" },
      { resourceArn: "arn:aws:ecr:us-west-2:111122223333:repository/team/app" },
      { resourceArn: "arn:aws:ecr:us-east-1:111122223333:repository/A" },
      { resourceArn: "arn:aws:ecr:us-east-1:1:repository/team/app" },
      { resourceArn: "arn:aws:sqs:us-east-1:111122223333:team/app" },
    ],
  ],
];

describe("the bounds of a member", () => {
  test.each(LIMITS.map(([operation, member, within, beyond]) => ({ operation, member, within, beyond })))(
    "of $operation: $member",
    async ({ operation, member, within, beyond }) => {
      const refusal = `Invalid parameter at '${member}' failed`;
      const answer = async (more: object) =>
        (await world.client.api(operation, { ...OPERATION_INPUTS[operation], ...more })).body;
      for (const input of within) {
        const body = await answer(input);
        expect(body["__type"]).not.toBe("SerializationException");
        expect(String(body["message"]).slice(0, refusal.length)).not.toBe(refusal);
      }
      for (const input of beyond) {
        const { __type, message } = await answer(input);
        expect([input, __type, String(message).slice(0, refusal.length)]).toEqual([
          input,
          "InvalidParameterException",
          refusal,
        ]);
      }
    },
  );
});
