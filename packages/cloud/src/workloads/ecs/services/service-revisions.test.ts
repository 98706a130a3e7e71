import {
  CreateServiceCommand,
  DescribeServiceRevisionsCommand,
  ECSClient,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildImage, type DemoImage } from "../../../demo/image.ts";
import { OTHER } from "../../../testing/running-cloud.ts";
import { awsvpc, type EcsWorld, ecsWorld, uri } from "../testing/ecs-world.ts";

let world: EcsWorld;
let image: DemoImage;

beforeAll(async () => {
  world = await ecsWorld();
  image = await buildImage({ files: { "web.txt": "1" } });
  await world.registry.call("CreateRepository", { repositoryName: "team/web" });
  await world.registry.push("team/web", "live", image);
});
afterAll(() => world.stop());

const describe = (serviceRevisionArns: string[]) =>
  world.ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }));

test("a deployment is a revision of the service, with the digests that its tags were resolved to", async () => {
  const taskDefinition = await world.define("web", uri("team/web:live"));
  const input = { cluster: "demo", serviceName: "web", desiredCount: 1, launchType: "FARGATE" } as const;
  await world.ecs.send(new CreateServiceCommand({ ...input, taskDefinition, ...awsvpc }));
  const { currentServiceRevisions, deployments, serviceArn } = await world.steady("web");
  const number = deployments?.[0]?.id?.split("/")[1];
  const arn = `arn:aws:ecs:us-east-1:111122223333:service-revision/demo/web/${number}`;
  expect(currentServiceRevisions).toEqual([
    { arn, requestedTaskCount: 1, runningTaskCount: 1, pendingTaskCount: 0 },
  ]);
  const gone = arn.replace(/\d+$/, "1");
  const described = await describe([arn, gone]);
  expect(described.failures).toEqual([{ arn: gone, reason: "MISSING" }]);
  const revision = {
    ...{ serviceRevisionArn: arn, serviceArn, launchType: "FARGATE", createdAt: deployments?.[0]?.createdAt },
    taskDefinition: "arn:aws:ecs:us-east-1:111122223333:task-definition/web:1",
    containerImages: [
      { containerName: "main", image: uri("team/web:live"), imageDigest: image.manifest.digest },
    ],
  };
  expect(described.serviceRevisions).toMatchObject([revision]);
  await world.ecs.send(new UpdateServiceCommand({ cluster: "demo", service: "web", desiredCount: 0 }));
  const stopped = await world.steady("web");
  expect(stopped.currentServiceRevisions).toMatchObject([
    { arn, requestedTaskCount: 0, runningTaskCount: 0 },
  ]);
  expect((await describe([arn])).serviceRevisions).toMatchObject([revision]);
});

test("another account's revisions are not there, and none or too many are no question", async () => {
  const { currentServiceRevisions } = await world.service("web");
  const ours = currentServiceRevisions?.[0]?.arn ?? "";
  const theirs = new ECSClient(world.cloud.client(OTHER));
  const command = new DescribeServiceRevisionsCommand({ serviceRevisionArns: [ours] });
  expect(await theirs.send(command)).toMatchObject({
    serviceRevisions: [],
    failures: [{ reason: "MISSING" }],
  });
  for (const arns of [[], Array.from({ length: 21 }, () => ours)])
    await expect(describe(arns)).rejects.toMatchObject({ name: "InvalidParameterException" });
});
