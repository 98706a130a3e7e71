import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import { UsageItem } from "@tallyman/domain/usage/evidence";
import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import { answersOf } from "../../../../test/support/aws-account.ts";
import { refusal } from "../../../../test/support/aws-wire.ts";
import { collectAll, WIRE_CLIENTS, wired } from "../../../../test/support/collecting.ts";
import { inspectorClusters } from "./clusters-of-image.ts";
import { inspectorUsageCollector } from "./usage-collector.ts";

const open = () => inspectorUsageCollector(WIRE_CLIENTS);
const arn = (seed: string, partition = "aws", region = "us-east-1") =>
  `arn:${partition}:ecr:${region}:111122223333:repository/prod/web/${aDigest(seed)}`;

test("images that Inspector sees in use are asked for by exactly that, in pages of 200", async () => {
  const covered = Array.from({ length: 401 }, (_, i) => arn(String(i)));
  const wire = await wired(answersOf({ covered }));
  const { items } = await collectAll(open);
  expect(items).toHaveLength(401);
  expect(items[400]).toEqual({
    image: `111122223333.dkr.ecr.us-east-1.amazonaws.com/prod/web@${aDigest("400")}`,
    digest: aDigest("400"),
    kind: "running",
    account: HUB.account,
    region: HUB.region,
    service: "inspected/prod/web",
  });
  expect(UsageItem.parse(items[0])).toEqual(items[0]);
  expect(wire.counts()).toEqual({ "inspector2:ListCoverage": 3 });
  for (const { input } of wire.calls) {
    expect(input).toMatchObject({
      filterCriteria: {
        accountId: [{ comparison: "EQUALS", value: HUB.account }],
        resourceType: [{ comparison: "EQUALS", value: "AWS_ECR_CONTAINER_IMAGE" }],
        ecrImageInUseCount: [{ lowerInclusive: 1 }],
      },
      maxResults: 200,
    });
  }
});

test.each([
  ["aws", "us-east-1", "us-east-1.amazonaws.com"],
  ["aws-us-gov", "us-gov-east-1", "us-gov-east-1.amazonaws.com"],
  ["aws-cn", "cn-north-1", "cn-north-1.amazonaws.com.cn"],
])("an image in partition %s has the host name of its partition", async (partition, region, host) => {
  await wired(answersOf({ covered: [arn("a", partition, region)] }));
  const { items } = await collectAll(open);
  expect(items[0]?.image).toBe(`111122223333.dkr.ecr.${host}/prod/web@${aDigest("a")}`);
});

test.each([
  "i-0123456789abcdef0",
  arn("a", "aws-new"),
  "arn:aws:ecr:us-east-1:111122223333:repository/x/sha256:no",
])("%s, which is no image of a registry, is an error, not left out", async (resource) => {
  await wired(answersOf({ covered: [resource] }));
  await expect(collectAll(open)).rejects.toThrow(UsageUnavailableError);
});

test("what may not be asked, also where Inspector is not activated, is named", async () => {
  await wired({ "inspector2:ListCoverage": () => refusal("AccessDeniedException", 403) });
  await expect(collectAll(open)).rejects.toThrow(
    /may not inspector2:ListCoverage in 111122223333\/us-east-1 \(.*\); activate Amazon Inspector/,
  );
});

const image = { ...aRepository(), digest: aDigest("web") };
const detail = (clusterMetadata: object) => ({
  lastInUse: Date.parse("2026-11-22T06:00:00.000Z") / 1000,
  runningUnitCount: 2,
  stoppedUnitCount: 1,
  clusterMetadata,
});
const ECS = {
  clusterArn: "arn:aws:ecs:us-east-1:111122223333:cluster/prod",
  clusterDetails: [
    detail({ awsEcsMetadataDetails: { detailsGroup: "service:web", taskDefinitionArn: "arn:x" } }),
  ],
};
const EKS = {
  clusterArn: "arn:aws:eks:us-east-1:444455556666:cluster/shop",
  clusterDetails: [
    detail({
      awsEksMetadataDetails: { namespace: "shop", workloadInfoList: [{ name: "web", type: "Deployment" }] },
    }),
  ],
};

test("the clusters of one image are those of ECS and of EKS, page by page", async () => {
  const wire = await wired({
    "inspector2:GetClustersForImage": ({ input }) => ({
      body: input["nextToken"] ? { cluster: [EKS] } : { cluster: [ECS], nextToken: "2" },
    }),
  });
  const seen = { lastInUse: "2026-11-22T06:00:00.000Z", running: 2, stopped: 1 };
  expect(await inspectorClusters(WIRE_CLIENTS)(image)).toEqual({
    clusters: [
      { clusterArn: ECS.clusterArn, ...seen, workloads: ["service:web"] },
      { clusterArn: EKS.clusterArn, ...seen, workloads: ["shop/Deployment/web"] },
    ],
    complete: true,
  });
  expect(wire.calls[0]?.input["filter"]).toEqual({ resourceId: arn("web") });
});

test("an image in more clusters than ten pages hold says that these are not all", async () => {
  const wire = await wired({
    "inspector2:GetClustersForImage": () => ({ body: { cluster: [ECS], nextToken: "more" } }),
  });
  const { clusters, complete } = await inspectorClusters(WIRE_CLIENTS)(image);
  expect([clusters.length, complete]).toEqual([10, false]);
  expect(wire.calls).toHaveLength(10);
});

test("an image whose clusters cannot be asked is not one without clusters", async () => {
  await wired({ "inspector2:GetClustersForImage": () => refusal("ValidationException") });
  await expect(inspectorClusters(WIRE_CLIENTS)(image)).rejects.toThrow(UsageUnavailableError);
});
