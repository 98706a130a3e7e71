import {
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildImage, buildIndex, type DemoImage } from "../../demo/image.ts";
import { awsvpc, type EcsWorld, ecsWorld, executionRole, PATIENCE, uri } from "./testing/ecs-world.ts";

let world: EcsWorld;
let image: DemoImage;
let index: DemoImage;

beforeAll(async () => {
  world = await ecsWorld();
  image = await buildImage({ files: { "web.txt": "1" } });
  index = await buildIndex({ "api.txt": "1" });
  for (const repositoryName of ["team/web", "team/api"])
    await world.registry.call("CreateRepository", { repositoryName });
  await world.registry.push("team/web", "1", image);
  await world.registry.push("team/api", "1", index);
});
afterAll(() => world.stop());

async function pullTime(repositoryName: string, imageDigest: string): Promise<number | undefined> {
  const input = { repositoryName, imageIds: [{ imageDigest }] };
  const { imageDetails } = (await world.registry.call("DescribeImages", input)) as {
    imageDetails: { lastRecordedPullTime?: number }[];
  };
  return imageDetails[0]?.lastRecordedPullTime;
}

describe("a task", () => {
  test("pulls its image, runs, and counts as a pull", async () => {
    expect(await pullTime("team/web", image.manifest.digest)).toBeUndefined();
    const started = await world.run(await world.define("web", uri("team/web:1")), { startedBy: "me" });
    expect(started).toMatchObject({
      lastStatus: "PROVISIONING",
      desiredStatus: "RUNNING",
      group: "family:web",
    });
    const running = await world.reaches(started, "RUNNING");
    expect(running.containers).toMatchObject([
      { name: "main", image: uri("team/web:1"), imageDigest: image.manifest.digest, lastStatus: "RUNNING" },
    ]);
    expect(running.pullStoppedAt?.getTime()).toBeGreaterThanOrEqual(
      running.pullStartedAt?.getTime() ?? Infinity,
    );
    expect(await pullTime("team/web", image.manifest.digest)).toBeDefined();
  });

  test.each([
    ["the tag", () => "team/web:1"],
    ["the digest", () => `team/web@${image.manifest.digest}`],
    ["tag and digest, of which the digest decides", () => `team/web:gone@${image.manifest.digest}`],
  ])("may name its image by %s", async (_name, rest) => {
    const task = await world.reaches(await world.run(await world.define("named", uri(rest()))), "RUNNING");
    expect(task.containers?.[0]?.imageDigest).toBe(image.manifest.digest);
  });

  test.each([
    [
      "the name of this cloud's registry",
      (port: string) => `111122223333.dkr.ecr.us-east-1.localhost:${port}`,
    ],
    ["the loopback address", (port: string) => `127.0.0.1:${port}`],
    ["a dual-stack host", () => "111122223333.dkr-ecr.us-east-1.on.aws"],
  ])("may name its registry by %s", async (_name, host) => {
    const image = `${host(new URL(world.cloud.url).port)}/team/web:1`;
    await world.reaches(await world.run(await world.define("hosts", image)), "RUNNING");
  });

  test("takes its platform's image from an index, and names the index", async () => {
    const [amd, arm] = index.children.map(({ manifest }) => manifest.digest);
    const before = await Promise.all([amd, arm].map((digest) => pullTime("team/api", digest ?? "")));
    expect(before).toEqual([undefined, undefined]);
    const arm64 = { runtimePlatform: { cpuArchitecture: "ARM64" } } as const;
    const task = await world.run(await world.define("arm", uri("team/api:1"), arm64));
    const running = await world.reaches(task, "RUNNING");
    expect(running.containers?.[0]?.imageDigest).toBe(index.manifest.digest);
    expect(await pullTime("team/api", arm ?? "")).toBeDefined();
    expect(await pullTime("team/api", amd ?? "")).toBeUndefined();
  });

  test("names its platform's image instead by switch", async () => {
    await world.cloud.control("POST", "switches", { ecsImageDigest: "platform" });
    const task = await world.reaches(
      await world.run(await world.define("api", uri("team/api:1"))),
      "RUNNING",
    );
    expect(task.containers?.[0]?.imageDigest).toBe(index.children[0]?.manifest.digest);
    const shown = await world.cloud.control("POST", "switches", { ecsImageDigest: "index" });
    expect(shown).toMatchObject({ ecsImageDigest: "index", strictEcr: expect.anything() });
  });

  test("tells the default bus of each of its states, in order", async () => {
    const sqs = new SQSClient(world.cloud.client());
    const QueueUrl = `${world.cloud.url}/111122223333/Work`;
    const task = await world.reaches(
      await world.run(await world.define("told", uri("team/web:1"))),
      "RUNNING",
    );
    await world.ecs.send(new StopTaskCommand({ cluster: "demo", task: task.taskArn, reason: "enough" }));
    const told: { version: number; lastStatus: string; desiredStatus: string; taskArn: string }[] = [];
    await vi.waitFor(async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      for (const { Body = "{}", ReceiptHandle } of Messages) {
        const event = JSON.parse(Body);
        expect(event).toMatchObject({ source: "aws.ecs", account: "111122223333", region: "us-east-1" });
        if (event.detail.taskArn === task.taskArn) told.push(event.detail);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      expect(told.some(({ lastStatus }) => lastStatus === "STOPPED")).toBe(true);
    }, PATIENCE);
    const states = told
      .toSorted((a, b) => a.version - b.version)
      .map((one) => `${one.version} ${one.lastStatus} ${one.desiredStatus}`);
    expect(states).toEqual([
      "1 PROVISIONING RUNNING",
      "2 PENDING RUNNING",
      "3 RUNNING RUNNING",
      "4 RUNNING STOPPED",
      "5 DEPROVISIONING STOPPED",
      "6 STOPPED STOPPED",
    ]);
    expect(told.find(({ version }) => version === 6)).toMatchObject({
      clusterArn: task.clusterArn,
      group: "family:told",
      launchType: "FARGATE",
      stopCode: "UserInitiated",
      stoppedReason: "enough",
      stoppedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      containers: [
        {
          name: "main",
          image: uri("team/web:1"),
          imageDigest: image.manifest.digest,
          lastStatus: "STOPPED",
          exitCode: 0,
        },
      ],
    });
  });

  test("that stopped is shown for an hour of the cloud's clock, and no longer", async () => {
    const task = await world.reaches(
      await world.run(await world.define("gone", uri("team/web:1"))),
      "RUNNING",
    );
    const { taskArn = "" } = task;
    await world.ecs.send(new StopTaskCommand({ cluster: "demo", task: taskArn }));
    const listed = async (desiredStatus: "RUNNING" | "STOPPED") =>
      (await world.ecs.send(new ListTasksCommand({ cluster: "demo", family: "gone", desiredStatus })))
        .taskArns;
    expect(await listed("RUNNING")).toEqual([]);
    expect(await listed("STOPPED")).toEqual([taskArn]);
    await world.cloud.control("POST", "clock", { advance: "PT59M" });
    expect(await world.describe(taskArn)).toMatchObject({ lastStatus: "STOPPED", stopCode: "UserInitiated" });
    await world.cloud.control("POST", "clock", { advance: "PT1M" });
    expect(await listed("STOPPED")).toEqual([]);
    const { failures } = await world.ecs.send(
      new DescribeTasksCommand({ cluster: "demo", tasks: [taskArn] }),
    );
    expect(failures).toEqual([{ arn: taskArn, reason: "MISSING" }]);
  });

  test("whose essential container exits has stopped with its exit code", async () => {
    const task = await world.reaches(
      await world.run(await world.define("job", uri("team/web:1"))),
      "RUNNING",
    );
    await world.cloud.control("POST", "ecs/exit", { task: task.taskArn, exitCode: 3 });
    expect(await world.describe(task.taskArn ?? "")).toMatchObject({
      ...{ lastStatus: "STOPPED", stopCode: "EssentialContainerExited" },
      stoppedReason: "Essential container in task exited",
      containers: [{ exitCode: 3, imageDigest: image.manifest.digest }],
    });
    await expect(world.cloud.control("POST", "ecs/exit", { task: task.taskArn })).rejects.toThrow("400");
  });

  test("whose other container fails to pull runs on when that one is not essential", async () => {
    const { taskDefinition } = await world.ecs.send(
      new RegisterTaskDefinitionCommand({
        ...{
          family: "pair",
          networkMode: "awsvpc",
          cpu: "256",
          memory: "512",
          executionRoleArn: executionRole,
        },
        containerDefinitions: [
          { name: "main", image: uri("team/web:1") },
          { name: "side", image: uri("team/web:missing"), essential: false },
        ],
      }),
    );
    const task = await world.reaches(await world.run(taskDefinition?.taskDefinitionArn ?? ""), "RUNNING");
    expect(task.containers).toMatchObject([
      { name: "main", lastStatus: "RUNNING" },
      { name: "side", lastStatus: "STOPPED", reason: expect.stringContaining("CannotPullContainerError") },
    ]);
  });
});

test("a hundred tasks that start at once all run", async () => {
  const taskDefinition = await world.define("many", uri("team/api:1"));
  const input = { cluster: "demo", taskDefinition, count: 10, launchType: "FARGATE", ...awsvpc } as const;
  await Promise.all(Array.from({ length: 10 }, () => world.ecs.send(new RunTaskCommand(input))));
  const list = () => world.ecs.send(new ListTasksCommand({ cluster: "demo", family: "many" }));
  expect((await list()).taskArns).toHaveLength(100);
  await world.cloud.control("GET", "idle?wait=60");
  const { tasks = [] } = await world.ecs.send(
    new DescribeTasksCommand({ cluster: "demo", tasks: (await list()).taskArns ?? [] }),
  );
  expect(tasks.map(({ lastStatus }) => lastStatus)).toEqual(Array(100).fill("RUNNING"));
});

test("what ran is still there after a restart, and nothing is after a reset", async () => {
  const task = await world.reaches(await world.run(await world.define("kept", uri("team/web:1"))), "RUNNING");
  await world.cloud.restart();
  const after = new ECSClient(world.cloud.client());
  const { tasks } = await after.send(
    new DescribeTasksCommand({ cluster: "demo", tasks: [task.taskArn ?? ""] }),
  );
  expect(tasks).toMatchObject([
    { taskArn: task.taskArn, lastStatus: "RUNNING", containers: task.containers },
  ]);
  await world.cloud.control("POST", "reset");
  expect((await after.send(new ListClustersCommand({}))).clusterArns).toEqual([]);
  expect((await after.send(new ListTaskDefinitionsCommand({}))).taskDefinitionArns).toEqual([]);
});
