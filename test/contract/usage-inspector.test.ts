import { StopTaskCommand } from "@aws-sdk/client-ecs";
import { inspectorClusters } from "@tallyman/aws/inspector/clusters-of-image";
import { inspectorUsageCollector } from "@tallyman/aws/inspector/usage-collector";
import { buildImage, buildIndex, type DemoImage } from "@tallyman/cloud/demo/image";
import { HUB, OTHER } from "@tallyman/cloud/testing/running-cloud";
import { type EcsWorld, ecsWorld, uri } from "@tallyman/cloud/workloads/ecs/testing/ecs-world";
import { UsageItem } from "@tallyman/domain/usage/evidence";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collectAll } from "../support/collecting.ts";
import { embeddedClients } from "../support/embedded-clients.ts";

// What is collected of what the embedded Inspector sees the embedded ECS run.

let world: EcsWorld;
let web: DemoImage;
let index: DemoImage;

beforeAll(async () => {
  world = await ecsWorld();
  web = await buildImage({ files: { "web.txt": "1" } });
  index = await buildIndex({ "api.txt": "1" });
  for (const [repositoryName, image] of [
    ["team/web", web],
    ["team/api", index],
    ["other/web", web],
  ] as const) {
    await world.registry.call("CreateRepository", { repositoryName });
    await world.registry.push(repositoryName, "1", image);
  }
  await world.registry.call("PutRegistryScanningConfiguration", {
    scanType: "ENHANCED",
    rules: [
      {
        scanFrequency: "SCAN_ON_PUSH",
        repositoryFilters: [{ filter: "team/*", filterType: "WILDCARD" }],
      },
    ],
  });
});
afterAll(() => world.stop());

async function collected(at = HUB): Promise<readonly UsageItem[]> {
  const options = embeddedClients(world.cloud);
  const { items } = await collectAll(() => inspectorUsageCollector(options), { at });
  for (const item of items) expect(UsageItem.parse(item)).toEqual(item);
  return items;
}

test("images of scanned repositories are used while tasks run them, of an index that of their platform", async () => {
  expect(await collected()).toEqual([]);
  const tasks = [];
  for (const repository of ["team/web", "team/api", "other/web"])
    tasks.push(await world.run(await world.define(repository.replace("/", "-"), uri(`${repository}:1`))));
  for (const task of tasks) await world.reaches(task, "RUNNING");
  const used = (repository: string, digest = "") => ({
    image: uri(`${repository}@${digest}`),
    digest,
    kind: "running",
    ...HUB,
    service: `inspected/${repository}`,
  });
  const platform = index.children[0]?.manifest.digest;
  expect(await collected()).toEqual([used("team/api", platform), used("team/web", web.manifest.digest)]);
  await expect(collected(OTHER)).rejects.toThrow(/not activated.*; activate Amazon Inspector for ECR there/);

  const clusters = inspectorClusters(embeddedClients(world.cloud));
  const asked = { ...HUB, repository: "team/web", digest: web.manifest.digest };
  const found = await clusters(asked);
  expect(found).toMatchObject({
    complete: true,
    clusters: [{ clusterArn: tasks[0]?.clusterArn, running: 1, stopped: 0, workloads: ["family:team-web"] }],
  });
  expect((await clusters({ ...asked, repository: "team/api" })).clusters).toEqual([]);

  const [first] = tasks;
  if (!first) throw new Error("nothing was started");
  await world.ecs.send(new StopTaskCommand({ cluster: "demo", task: first.taskArn }));
  await world.reaches(first, "STOPPED");
  expect(await collected()).toEqual([used("team/api", platform)]);
  expect((await clusters(asked)).clusters).toMatchObject([{ running: 0, stopped: 1 }]);
});
