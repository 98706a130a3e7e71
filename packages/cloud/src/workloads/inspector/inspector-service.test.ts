import { StopTaskCommand } from "@aws-sdk/client-ecs";
import {
  GetClustersForImageCommand,
  Inspector2Client,
  ListCoverageCommand,
  type ListCoverageCommandInput,
} from "@aws-sdk/client-inspector2";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildImage, buildIndex, type DemoImage } from "../../demo/image.ts";
import { HUB } from "../../testing/running-cloud.ts";
import { type EcsWorld, ecsWorld, uri } from "../ecs/testing/ecs-world.ts";

let world: EcsWorld;
let inspector: Inspector2Client;
let web: DemoImage;
let idle: DemoImage;
let index: DemoImage;

const noInspector = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["ecr:*", "ecs:*"], Resource: "*" }],
};
const arn = (repository: string, { manifest }: DemoImage) =>
  `arn:aws:ecr:${HUB.region}:${HUB.account}:repository/${repository}/${manifest.digest}`;
const scanWith = (scanType: string, ...filters: string[]) =>
  world.registry.call("PutRegistryScanningConfiguration", {
    scanType,
    rules: filters.map((filter) => ({
      scanFrequency: "SCAN_ON_PUSH",
      repositoryFilters: [{ filter, filterType: "WILDCARD" }],
    })),
  });

beforeAll(async () => {
  const nobody = {
    name: "nobody",
    accessKeyId: "nobody",
    secretAccessKey: "nobody",
    policies: [noInspector],
  };
  world = await ecsWorld({ accounts: { accounts: [{ id: HUB.account, principals: [nobody] }] } });
  inspector = new Inspector2Client(world.cloud.client());
  web = await buildImage({ files: { "web.txt": "1" } });
  idle = await buildImage({ files: { "idle.txt": "1" } });
  index = await buildIndex({ "api.txt": "1" });
  for (const repositoryName of ["team/web", "team/api", "other/web"])
    await world.registry.call("CreateRepository", { repositoryName });
  await world.registry.push("team/web", "1", web);
  await world.registry.push("team/web", "idle", idle);
  await world.registry.push("team/api", "1", index);
  await world.registry.push("other/web", "1", web);
});
beforeEach(() => scanWith("ENHANCED", "team/*"));
afterAll(() => world.stop());

async function covered(filterCriteria: ListCoverageCommandInput["filterCriteria"] = {}, maxResults = 200) {
  const found: NonNullable<Awaited<ReturnType<typeof page>>["coveredResources"]> = [];
  const page = (nextToken?: string) =>
    inspector.send(new ListCoverageCommand({ filterCriteria, maxResults, nextToken }));
  let nextToken: string | undefined;
  do {
    const answer = await page(nextToken);
    expect(answer.coveredResources?.length).toBeLessThanOrEqual(maxResults);
    found.push(...(answer.coveredResources ?? []));
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  return found;
}
const inUse = { ecrImageInUseCount: [{ lowerInclusive: 1 }] };
const idsOf = (resources: readonly { resourceId?: string | undefined }[]) =>
  resources.map(({ resourceId }) => resourceId);

test("covers every image of a platform, of the repositories that are scanned, page by page", async () => {
  const [amd64, arm64] = index.children as [DemoImage, DemoImage];
  const expected = [
    ...[arn("team/api", amd64), arn("team/api", arm64)],
    ...[arn("team/web", web), arn("team/web", idle)],
  ].toSorted();
  expect(idsOf(await covered())).toEqual(expected);
  expect(idsOf(await covered({}, 1))).toEqual(expected);
  const [resource] = await covered({ ecrImageTags: [{ comparison: "EQUALS", value: "idle" }] });
  expect(resource).toMatchObject({
    resourceType: "AWS_ECR_CONTAINER_IMAGE",
    accountId: HUB.account,
    scanType: "PACKAGE",
    scanStatus: { statusCode: "ACTIVE" },
    resourceMetadata: {
      ecrRepository: { name: "team/web", scanFrequency: "SCAN_ON_PUSH" },
      ecrImage: { tags: ["idle"], inUseCount: 0 },
    },
  });
  expect(resource?.resourceMetadata?.ecrImage?.lastInUseAt).toBeUndefined();
});

test("tells what tasks run, of an index the image of their platform, until they have stopped", async () => {
  expect(await covered(inUse)).toEqual([]);
  const [amd64] = index.children as [DemoImage, DemoImage];
  const first = await world.run(await world.define("web", uri("team/web:1")));
  await world.reaches(await world.run(await world.define("web", uri("team/web:1"))), "RUNNING");
  await world.reaches(await world.run(await world.define("api", uri("team/api:1"))), "RUNNING");
  await world.reaches(await world.run(await world.define("other", uri("other/web:1"))), "RUNNING");
  await world.reaches(first, "RUNNING");
  const used = await covered(inUse);
  expect(idsOf(used)).toEqual([arn("team/api", amd64), arn("team/web", web)]);
  expect(used.map(({ resourceMetadata }) => resourceMetadata?.ecrImage?.inUseCount)).toEqual([1, 2]);
  expect(idsOf(await covered({ ecrImageInUseCount: [{ lowerInclusive: 2 }] }))).toEqual([
    arn("team/web", web),
  ]);

  const before = await inspector.send(
    new GetClustersForImageCommand({ filter: { resourceId: arn("team/web", web) } }),
  );
  const details = before.cluster?.flatMap(({ clusterDetails = [] }) => clusterDetails) ?? [];
  expect(before.cluster?.map(({ clusterArn }) => clusterArn)).toEqual([first.clusterArn]);
  expect(details.map(({ runningUnitCount }) => runningUnitCount)).toEqual([1, 1]);
  expect(details[0]?.clusterMetadata?.awsEcsMetadataDetails).toEqual({
    detailsGroup: "family:web",
    taskDefinitionArn: first.taskDefinitionArn,
  });

  await world.ecs.send(new StopTaskCommand({ cluster: "demo", task: first.taskArn }));
  await world.reaches(first, "STOPPED");
  const [resource] = await covered({ resourceId: [{ comparison: "EQUALS", value: arn("team/web", web) }] });
  expect(resource?.resourceMetadata?.ecrImage?.inUseCount).toBe(1);
  const after = await inspector.send(
    new GetClustersForImageCommand({ filter: { resourceId: arn("team/web", web) } }),
  );
  const counts = after.cluster?.[0]?.clusterDetails?.map((one) => [
    one.runningUnitCount,
    one.stoppedUnitCount,
  ]);
  expect(counts?.toSorted()).toEqual([
    [0, 1],
    [1, 0],
  ]);
});

test("finds images by when they were last in use", async () => {
  const now = world.cloud.cloud.clock.now().getTime();
  const within = (from: number, to: number) => ({
    ecrImageLastInUseAt: [{ startInclusive: new Date(now + from), endInclusive: new Date(now + to) }],
  });
  expect(idsOf(await covered(within(-60_000, 600_000)))).toContain(arn("team/web", web));
  expect(idsOf(await covered(within(-60_000, 600_000)))).not.toContain(arn("team/web", idle));
  expect(await covered(within(-7_200_000, -3_600_000))).toEqual([]);
});

test.each([
  [{ accountId: [{ comparison: "EQUALS", value: "999999999999" }] }, 0],
  [{ resourceType: [{ comparison: "EQUALS", value: "AWS_EC2_INSTANCE" }] }, 0],
  [{ resourceType: [{ comparison: "EQUALS", value: "AWS_ECR_CONTAINER_IMAGE" }] }, 4],
  [{ ecrRepositoryName: [{ comparison: "EQUALS", value: "team/web" }] }, 2],
  [{ ecrRepositoryName: [{ comparison: "NOT_EQUALS", value: "team/web" }] }, 2],
  [{ lambdaFunctionName: [{ comparison: "EQUALS", value: "x" }] }, 0],
  [
    {
      ecrImageInUseCount: [{ upperInclusive: 0 }],
      ecrRepositoryName: [{ comparison: "EQUALS", value: "team/web" }],
    },
    1,
  ],
] as const)("chooses by %j", async (criteria, count) => {
  expect(await covered(criteria as unknown as ListCoverageCommandInput["filterCriteria"])).toHaveLength(
    count,
  );
});

describe("where it cannot tell, it says so instead of nothing:", () => {
  const denied = { name: "AccessDeniedException", $metadata: { httpStatusCode: 403 } };

  test("in a registry without enhanced scanning", async () => {
    await scanWith("BASIC", "team/*");
    await expect(covered()).rejects.toMatchObject(denied);
    const filter = { resourceId: arn("team/web", web) };
    await expect(inspector.send(new GetClustersForImageCommand({ filter }))).rejects.toMatchObject(denied);
  });

  test("to a caller whose policies do not allow it, and for input that is wrong", async () => {
    const nobody = new Inspector2Client(world.cloud.client(HUB, "nobody"));
    await expect(nobody.send(new ListCoverageCommand({}))).rejects.toMatchObject({
      ...denied,
      message: expect.stringContaining("no identity-based policy allows the inspector2:ListCoverage action"),
    });
    const filter = { resourceId: arn("team/web", web) };
    await expect(nobody.send(new GetClustersForImageCommand({ filter }))).rejects.toMatchObject(denied);
    await expect(inspector.send(new ListCoverageCommand({ maxResults: 1000 }))).rejects.toMatchObject({
      name: "ValidationException",
    });
  });
});

test("asks the registry without leaving a trace: nothing is refused, nothing counts as a pull", async () => {
  const before = await world.cloud.control("GET", "denials");
  await covered();
  expect(await world.cloud.control("GET", "denials")).toEqual(before);
  const { imageDetails } = (await world.registry.call("DescribeImages", {
    repositoryName: "team/web",
    imageIds: [{ imageDigest: idle.manifest.digest }],
  })) as { imageDetails: object[] };
  expect(imageDetails[0]).not.toHaveProperty("lastRecordedPullTime");
});
