import { createHash } from "node:crypto";
import {
  DeregisterContainerInstanceCommand,
  ListTasksCommand,
  type Task,
  UpdateContainerAgentCommand,
} from "@aws-sdk/client-ecs";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildImage, buildIndex, type DemoImage } from "../../demo/image.ts";
import { HUB, OTHER } from "../../testing/running-cloud.ts";
import { type EcsWorld, ecsWorld, uri } from "./testing/ecs-world.ts";

const PULL = [
  "ecr:GetAuthorizationToken",
  "ecr:BatchCheckLayerAvailability",
  "ecr:GetDownloadUrlForLayer",
  "ecr:BatchGetImage",
];

let world: EcsWorld;
let image: DemoImage;

beforeAll(async () => {
  world = await ecsWorld();
  image = await buildImage({ files: { "web.txt": "1" } });
  await world.registry.call("CreateRepository", { repositoryName: "team/web" });
  await world.registry.push("team/web", "1", image);
  for (const missing of PULL)
    for (const service of ["ecs-tasks", "ec2"])
      await role(
        `${service}-without-${missing.slice(4)}`,
        service,
        PULL.filter((action) => action !== missing),
      );
});
afterAll(() => world.stop());

async function role(RoleName: string, service: string, actions: readonly string[]): Promise<string> {
  const iam = new IAMClient(world.cloud.client());
  const policy = (statement: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
  const trust = policy({ Principal: { Service: `${service}.amazonaws.com` }, Action: "sts:AssumeRole" });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  const PolicyDocument = policy({ Action: actions, Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "pull", PolicyDocument }));
  return `arn:aws:iam::${HUB.account}:role/${RoleName}`;
}

/** Runs an image on Fargate, and answers with the task when it has failed to start. */
async function fails(image: string, executionRoleArn?: string): Promise<Task> {
  const definition = await world.define("failing", image, executionRoleArn ? { executionRoleArn } : {});
  return stopped(await world.run(definition));
}

/** The same on an instance, with the instance's role alone. */
async function failsOn(instance: string, image: string): Promise<Task> {
  const definition = await world.define("failing-ec2", image, {
    networkMode: "bridge",
    executionRoleArn: "",
  });
  const task = await world.run(definition, { launchType: "EC2", networkConfiguration: undefined });
  expect(task.containerInstanceArn).toBe(instance);
  return stopped(task);
}

async function stopped(task: Task): Promise<Task> {
  const last = await world.reaches(task, "STOPPED");
  expect(last).toMatchObject({
    stopCode: "TaskFailedToStart",
    desiredStatus: "STOPPED",
  });
  expect(last).not.toHaveProperty("startedAt");
  expect(last.containers).toMatchObject([{ lastStatus: "STOPPED", reason: last.stoppedReason }]);
  return last;
}

describe("on Fargate a task stops without having started", () => {
  test.each([
    [
      "ecr:GetAuthorizationToken",
      /^ResourceInitializationError: unable to pull secrets or registry auth: .*unable to retrieve ecr registry auth: .*AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role\/ecs-tasks-without-GetAuthorizationToken\/\w+ is not authorized to perform: ecr:GetAuthorizationToken on resource: \*/,
    ],
    [
      "ecr:BatchGetImage",
      /^CannotPullContainerError: pull image manifest .*failed to resolve ref .*team\/web:1: unexpected status from GET request to https:\/\/.*\/v2\/team\/web\/manifests\/1: 403 Forbidden$/,
    ],
    [
      "ecr:BatchCheckLayerAvailability",
      /^CannotPullContainerError: ref pull .*\/v2\/team\/web\/blobs\/sha256:\w{64}: 403 Forbidden$/,
    ],
    [
      "ecr:GetDownloadUrlForLayer",
      /^CannotPullContainerError: ref pull .*\/v2\/team\/web\/blobs\/sha256:\w{64}: 403 Forbidden$/,
    ],
  ])("when its execution role lacks %s", async (action, reason) => {
    const task = await fails(
      uri("team/web:1"),
      `arn:aws:iam::${HUB.account}:role/ecs-tasks-without-${action.slice(4)}`,
    );
    expect(task.stoppedReason).toMatch(reason);
    const listed = await world.ecs.send(new ListTasksCommand({ cluster: "demo", family: "failing" }));
    expect(listed.taskArns).not.toContain(task.taskArn);
  });

  test("not for want of BatchCheckLayerAvailability where the agent does not ask for it", async () => {
    await world.cloud.control("POST", "switches", { ecsChecksLayers: false });
    const executionRoleArn = `arn:aws:iam::${HUB.account}:role/ecs-tasks-without-BatchCheckLayerAvailability`;
    await world.reaches(
      await world.run(await world.define("unasked", uri("team/web:1"), { executionRoleArn })),
      "RUNNING",
    );
    await world.cloud.control("POST", "switches", { ecsChecksLayers: true });
  });

  test.each([
    [
      "a tag that is not there",
      () => uri("team/web:nope"),
      /failed to resolve ref .*team\/web:nope: .*: not found$/,
    ],
    ["a repository that is not there", () => uri("team/nowhere:1"), /: not found$/],
    ["a digest that is not there", () => uri(`team/web@sha256:${"0".repeat(64)}`), /: not found$/],
    [
      "a short name, which is Docker Hub's",
      () => "team/web:1",
      /failed to resolve ref docker\.io\/team\/web:1: pull access denied, repository does not exist or may require authorization/,
    ],
    [
      "a bare name",
      () => "nginx",
      /failed to resolve ref docker\.io\/library\/nginx:latest: pull access denied/,
    ],
    [
      "another registry, which no network leads to",
      () => "ghcr.io/team/web:1",
      /dial tcp: lookup ghcr\.io: no such host$/,
    ],
    ["no tag, when there is no latest", () => uri("team/web"), /team\/web: not found$/],
    [
      "another Region's registry, where it is not",
      () => uri("team/web:1", { ...HUB, region: "eu-west-1" }),
      /: not found$/,
    ],
    ["another account's registry that lets nobody in", () => uri("theirs/web:1", OTHER), /403 Forbidden$/],
  ])("when its image is named by %s", async (_name, named, reason) => {
    const { stoppedReason } = await fails(named());
    expect(stoppedReason).toMatch(/^CannotPullContainerError: pull image manifest has been retried/);
    expect(stoppedReason).toMatch(reason);
  });

  test("when its image was archived, and again when it was deleted", async () => {
    const archived = await buildImage({ files: { "web.txt": "archived" } });
    await world.registry.push("team/web", "old", archived);
    const imageId = { imageDigest: archived.manifest.digest };
    const at = { repositoryName: "team/web" };
    await world.registry.call("UpdateImageStorageClass", { ...at, imageId, targetStorageClass: "ARCHIVE" });
    expect((await fails(uri("team/web:old"))).stoppedReason).toMatch(/team\/web:old: not found$/);
    await world.registry.call("BatchDeleteImage", { ...at, imageIds: [imageId] });
    const named = uri(`team/web@${archived.manifest.digest}`);
    expect((await fails(named)).stoppedReason).toMatch(/: not found$/);
  });

  test("when an index has no image for its platform", async () => {
    const index = await buildIndex({ "api.txt": "1" });
    const [amd] = index.children;
    const body = { ...JSON.parse(Buffer.from(index.manifest.bytes).toString()) };
    const bytes = Buffer.from(JSON.stringify({ ...body, manifests: [body.manifests[0]] }));
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const only = { ...index, manifest: { ...index.manifest, bytes, digest }, children: amd ? [amd] : [] };
    await world.registry.push("team/web", "amd-only", only);
    const definition = await world.define("arm", uri("team/web:amd-only"), {
      runtimePlatform: { cpuArchitecture: "ARM64" },
    });
    const { stoppedReason } = await stopped(await world.run(definition));
    expect(stoppedReason).toMatch(
      /image Manifest does not contain descriptor matching platform 'linux\/arm64'$/,
    );
  });

  test("before it is even written down when ECS cannot assume its execution role", async () => {
    const executionRoleArn = await role("of-nobody", "lambda", PULL);
    const definition = await world.define("untrusted", uri("team/web:1"), { executionRoleArn });
    await expect(world.run(definition)).rejects.toMatchObject({
      name: "ClientException",
      message: expect.stringContaining(`ECS was unable to assume the role '${executionRoleArn}'`),
    });
  });
});

test("another account's registry is pulled from as its repository policy says, in its own Region", async () => {
  const theirs = await world.cloud.registry(OTHER);
  await theirs.call("CreateRepository", { repositoryName: "shared/web" });
  await theirs.push("shared/web", "1", image);
  const Statement = [{ Effect: "Allow", Principal: { AWS: HUB.account }, Action: PULL.slice(1) }];
  const policyText = JSON.stringify({ Version: "2012-10-17", Statement });
  await theirs.call("SetRepositoryPolicy", { repositoryName: "shared/web", policyText });
  const task = await world.run(await world.define("across", uri("shared/web:1", OTHER)));
  expect((await world.reaches(task, "RUNNING")).containers?.[0]?.imageDigest).toBe(image.manifest.digest);
});

describe("on an instance", () => {
  const instances = new Set<string>();
  const instance = async (...args: Parameters<EcsWorld["instance"]>) => {
    const arn = await world.instance(...args);
    instances.add(arn);
    return arn;
  };
  afterEach(async () => {
    for (const containerInstance of instances) await leave(containerInstance);
  });
  async function leave(containerInstance: string): Promise<void> {
    instances.delete(containerInstance);
    const input = { cluster: "demo", containerInstance, force: true };
    await world.ecs.send(new DeregisterContainerInstanceCommand(input));
  }

  test("a task pulls with the role of the instance", async () => {
    const arn = await instance("1.90.0");
    const definition = await world.define("on-ec2", uri("team/web:1"), {
      networkMode: "bridge",
      executionRoleArn: "",
    });
    const task = await world.run(definition, { launchType: "EC2", networkConfiguration: undefined });
    expect(task.lastStatus).toBe("PENDING");
    expect((await world.reaches(task, "RUNNING")).containers?.[0]?.imageDigest).toBe(image.manifest.digest);
    await leave(arn);
    const ended = await world.reaches(task, "STOPPED");
    expect(ended.stoppedReason).toBe("Host EC2 (instance i-1.90.0) terminated.");
  });

  test.each([
    [
      "ecr:GetAuthorizationToken",
      /^CannotPullECRContainerError: AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role\/ec2-without-GetAuthorizationToken\/i-1\.90\.0 is not authorized/,
    ],
    [
      "ecr:BatchGetImage",
      /^CannotPullContainerError: Error response from daemon: pull access denied for .*team\/web, repository does not exist or may require 'docker login': denied: User: /,
    ],
    [
      "ecr:BatchCheckLayerAvailability",
      /^CannotPullContainerError: Error response from daemon: error pulling image configuration/,
    ],
    [
      "ecr:GetDownloadUrlForLayer",
      /^CannotPullContainerError: Error response from daemon: error pulling image configuration: denied: User: /,
    ],
  ])("a task fails when that role lacks %s", async (action, reason) => {
    const arn = await instance("1.90.0", `ec2-without-${action.slice(4)}`);
    expect((await failsOn(arn, uri("team/web:1"))).stoppedReason).toMatch(reason);
  });

  test.each([
    [
      "a tag that is not there",
      () => uri("team/web:nope"),
      /manifest for .*team\/web:nope not found: manifest unknown: Requested image not found$/,
    ],
    [
      "a repository that is not there",
      () => uri("team/nowhere:1"),
      /repository .*team\/nowhere not found: name unknown: /,
    ],
    [
      "a short name",
      () => "team/web:1",
      /pull access denied for team\/web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied$/,
    ],
  ])("a task fails for %s in Docker's words", async (_name, named, reason) => {
    const { stoppedReason } = await failsOn(await instance("1.90.0"), named());
    expect(stoppedReason).toMatch(/^CannotPullContainerError: Error response from daemon: /);
    expect(stoppedReason).toMatch(reason);
  });

  test("an agent older than 1.7.0 cannot log in to ECR", async () => {
    const { stoppedReason } = await failsOn(await instance("1.6.2"), uri("team/web:1"));
    expect(stoppedReason).toMatch(
      /^CannotPullContainerError: .*\/v2\/team\/web\/manifests\/1: no basic auth credentials$/,
    );
    await world.cloud.control("POST", "switches", { ecsOldAgent: "placement" });
    const definition = await world.define("placed", uri("team/web:1"), { networkMode: "bridge" });
    await expect(
      world.run(definition, { launchType: "EC2", networkConfiguration: undefined }),
    ).rejects.toThrow(/"reason":"ATTRIBUTE"/);
    await world.cloud.control("POST", "switches", { ecsOldAgent: "pull" });
  });

  test("an agent that was updated can, and is as new as can be", async () => {
    const containerInstance = await instance("1.6.2");
    const update = () =>
      world.ecs.send(new UpdateContainerAgentCommand({ cluster: "demo", containerInstance }));
    expect((await update()).containerInstance?.versionInfo?.agentVersion).not.toBe("1.6.2");
    const definition = await world.define("updated", uri("team/web:1"), { networkMode: "bridge" });
    await world.reaches(
      await world.run(definition, { launchType: "EC2", networkConfiguration: undefined }),
      "RUNNING",
    );
    await expect(update()).rejects.toMatchObject({ name: "NoUpdateAvailableException" });
  });

  test("an execution role is the one that pulls, since agent 1.16.0", async () => {
    const executionRoleArn = `arn:aws:iam::${HUB.account}:role/ecs-tasks-without-BatchGetImage`;
    const definition = await world.define("both", uri("team/web:1"), {
      networkMode: "bridge",
      executionRoleArn,
    });
    for (const [agent, status] of [
      ["1.15.0", "RUNNING"],
      ["1.16.0", "STOPPED"],
    ] as const) {
      const arn = await instance(agent);
      await world.reaches(
        await world.run(definition, { launchType: "EC2", networkConfiguration: undefined }),
        status,
      );
      await leave(arn);
    }
  });
});
