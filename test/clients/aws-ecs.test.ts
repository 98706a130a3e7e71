import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EAST } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { ClientSession, haveClients } from "./session.ts";

type Shapes = readonly Readonly<Record<string, unknown>>[];

const ROLE = "arn:aws:iam::111122223333:role/ecsTaskExecutionRole";
const URI = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
const NETWORK = ["--network-configuration", "awsvpcConfiguration={subnets=[subnet-1]}"];
const FARGATE = [
  ...["--requires-compatibilities", "FARGATE", "--network-mode", "awsvpc", "--cpu", "256", "--memory", "512"],
  ...["--execution-role-arn", ROLE],
];

describe.runIf(haveClients("aws"))("aws ecs", () => {
  let session: ClientSession;
  let registry: RegistryClient;

  beforeAll(async () => {
    session = await ClientSession.start();
    registry = await RegistryClient.login(session.product.url, EAST);
    await session.ecr("create-repository", "--repository-name", "team/web");
    await ecs("create-cluster", "--cluster-name", "demo");
  });
  afterAll(() => session.dispose());

  const ecs = (...args: readonly string[]) => session.call("ecs", ...args);
  /** Registers a revision whose only container has the image. */
  const define = (family: string, image: string, ...more: readonly string[]) => {
    const containers = JSON.stringify([{ name: "main", image }]);
    const named = ["--family", family, "--container-definitions", containers];
    return ecs("register-task-definition", ...named, ...(more.length > 0 ? more : FARGATE));
  };
  const run = (family: string, ...more: readonly string[]) => {
    const what = ["--cluster", "demo", "--task-definition", family];
    return ecs("run-task", ...what, ...(more.length > 0 ? more : ["--launch-type", "FARGATE", ...NETWORK]));
  };
  const arnOf = ({ tasks }: Readonly<Record<string, unknown>>) => String((tasks as Shapes)[0]?.["taskArn"]);
  const describeTask = async (arn: string) =>
    ((await ecs("describe-tasks", "--cluster", "demo", "--tasks", arn))["tasks"] as Shapes)[0] ?? {};
  const wait = (what: string, ...args: readonly string[]) => ecs("wait", what, "--cluster", "demo", ...args);

  test("a task runs, is waited for, and is stopped", async () => {
    const pushed = await registry.pushImage("team/web", "1", "web 1");
    await define("web", `${URI}/team/web:1`);
    const arn = arnOf(await run("web"));
    await wait("tasks-running", "--tasks", arn);
    expect(await describeTask(arn)).toMatchObject({
      lastStatus: "RUNNING",
      containers: [{ name: "main", image: `${URI}/team/web:1`, imageDigest: pushed.digest }],
    });
    const [detail] = (await session.ecr("describe-images", "--repository-name", "team/web"))[
      "imageDetails"
    ] as Shapes;
    expect(detail?.["lastRecordedPullTime"]).toBeDefined();
    await ecs("stop-task", "--cluster", "demo", "--task", arn, "--reason", "enough");
    await wait("tasks-stopped", "--tasks", arn);
    expect(await describeTask(arn)).toMatchObject({ stopCode: "UserInitiated", stoppedReason: "enough" });
    const listed = await ecs("list-tasks", "--cluster", "demo", "--desired-status", "STOPPED");
    expect(listed["taskArns"]).toContain(arn);
  });

  test("a task whose image is not there stops with the reason", async () => {
    await define("missing", `${URI}/team/web:nowhere`);
    const arn = arnOf(await run("missing"));
    await wait("tasks-stopped", "--tasks", arn);
    expect(await describeTask(arn)).toMatchObject({
      stopCode: "TaskFailedToStart",
      stoppedReason: expect.stringMatching(/^CannotPullContainerError: .*team\/web:nowhere: not found$/),
    });
  });

  test("a service becomes stable, takes a moved tag when it is told to, goes back, and is deleted", async () => {
    const one = await registry.pushImage("team/web", "live", "live 1");
    await define("live", `${URI}/team/web:live`);
    const named = ["--cluster", "demo", "--service", "live"];
    await ecs(
      ...["create-service", "--cluster", "demo", "--service-name", "live", "--task-definition", "live"],
      ...["--desired-count", "2", "--launch-type", "FARGATE", ...NETWORK],
    );
    const digests = async () => {
      await session.product.until("the service is stable", async () => {
        const { services } = await ecs("describe-services", "--cluster", "demo", "--services", "live");
        const { deployments, runningCount, desiredCount } = (services as Shapes)[0] ?? {};
        return (deployments as Shapes).length === 1 && runningCount === desiredCount;
      });
      const { taskArns } = await ecs("list-tasks", "--cluster", "demo", "--service-name", "live");
      const arns = taskArns as readonly string[];
      if (arns.length === 0) return [];
      const { tasks } = await ecs("describe-tasks", "--cluster", "demo", "--tasks", ...arns);
      return (tasks as Shapes).map((task) => (task["containers"] as Shapes)[0]?.["imageDigest"]);
    };
    expect(await digests()).toEqual([one.digest, one.digest]);
    const two = await registry.pushImage("team/web", "live", "live 2");
    await ecs("update-service", ...named, "--desired-count", "3");
    expect(await digests()).toEqual([one.digest, one.digest, one.digest]);
    await ecs("update-service", ...named, "--force-new-deployment", "--desired-count", "1");
    expect(await digests()).toEqual([two.digest]);
    await define("live", `${URI}/team/web@${one.digest}`);
    await ecs("update-service", ...named, "--task-definition", "live:2");
    expect(await digests()).toEqual([one.digest]);
    await ecs("update-service", ...named, "--task-definition", "live:1");
    expect(await digests()).toEqual([two.digest]);
    await ecs("update-service", ...named, "--desired-count", "0");
    expect(await digests()).toEqual([]);
    await ecs("delete-service", ...named);
    await wait("services-inactive", "--services", "live");
  });

  test("an instance is registered with its agent, runs tasks, and leaves", async () => {
    const registered = await ecs(
      ...["register-container-instance", "--cluster", "demo"],
      ...["--instance-identity-document", JSON.stringify({ instanceId: "i-0123456789abcdef0" })],
      ...["--version-info", "agentVersion=1.89.1,dockerVersion=DockerVersion: 25.0.3"],
    );
    const instance = String((registered["containerInstance"] as Shapes[number])["containerInstanceArn"]);
    const { containerInstanceArns } = await ecs("list-container-instances", "--cluster", "demo");
    expect(containerInstanceArns).toEqual([instance]);
    await registry.pushImage("team/web", "ec2", "web on ec2");
    const plain = ["--network-mode", "bridge", "--memory", "128"];
    await define("ec2", `${URI}/team/web:ec2`, ...plain);
    const arn = arnOf(await run("ec2", "--count", "1"));
    await wait("tasks-running", "--tasks", arn);
    const shown = await ecs(
      ...["describe-container-instances", "--cluster", "demo", "--container-instances", instance],
    );
    expect((shown["containerInstances"] as Shapes)[0]).toMatchObject({
      ...{
        ec2InstanceId: "i-0123456789abcdef0",
        status: "ACTIVE",
        agentConnected: true,
        runningTasksCount: 1,
      },
      versionInfo: { agentVersion: "1.89.1" },
    });
    const leave = ["deregister-container-instance", "--cluster", "demo", "--container-instance", instance];
    await expect(ecs(...leave)).rejects.toThrow("Found running tasks on the instance.");
    await ecs(...leave, "--force");
    await wait("tasks-stopped", "--tasks", arn);
  });

  test("it pages through task definitions by itself", async () => {
    for (let n = 0; n < 3; n++) await define("pages", `${URI}/team/web:1`);
    const all = await ecs("list-task-definitions", "--family-prefix", "pages", "--page-size", "2");
    expect(all["taskDefinitionArns"]).toHaveLength(3);
    const some = await ecs("list-task-definitions", "--family-prefix", "pages", "--max-items", "2");
    expect(some["taskDefinitionArns"]).toHaveLength(2);
    expect(some["NextToken"]).toBeDefined();
  });
});
