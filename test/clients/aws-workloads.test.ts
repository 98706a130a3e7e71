import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EAST } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { until } from "../support/until.ts";
import { ClientSession, haveClients } from "./session.ts";

const account = EAST.account;
const host = `${account}.dkr.ecr.${EAST.region}.amazonaws.com`;
const cluster = `arn:aws:ecs:${EAST.region}:${account}:cluster/shop`;
const network = "awsvpcConfiguration={subnets=[subnet-1],assignPublicIp=DISABLED}";
const trust = (...services: readonly string[]) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: services }, Action: "sts:AssumeRole" }],
  });

/** Everything that runs images, as a person drives it from a terminal. */
describe.runIf(haveClients("aws"))("aws", () => {
  let session: ClientSession;
  let client: RegistryClient;
  let digest: string;

  beforeAll(async () => {
    session = await ClientSession.start();
    client = await RegistryClient.login(session.product.url, EAST);
    await session.ecr("create-repository", "--repository-name", "shop/web");
    digest = (await client.pushImage("shop/web", "1", "web")).digest;
  });
  afterAll(() => session.dispose());

  const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
  async function createRole(name: string, services: readonly string[], policies: readonly string[]) {
    const iam = (...args: readonly string[]) => session.call("iam", ...args);
    await iam("create-role", "--role-name", name, "--assume-role-policy-document", trust(...services));
    for (const policy of policies)
      await iam(
        "attach-role-policy",
        "--role-name",
        name,
        "--policy-arn",
        `arn:aws:iam::aws:policy/${policy}`,
      );
  }

  test("iam makes roles, and shows what they may do", async () => {
    const iam = (...args: readonly string[]) => session.call("iam", ...args);
    await createRole(
      "puller",
      ["ecs-tasks.amazonaws.com"],
      ["service-role/AmazonECSTaskExecutionRolePolicy"],
    );
    const { Role } = await iam("get-role", "--role-name", "puller");
    expect(Role).toMatchObject({
      Arn: role("puller"),
      AssumeRolePolicyDocument: JSON.parse(trust("ecs-tasks.amazonaws.com")),
    });
    const logs = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "logs:*", Resource: "*" }] };
    const named = ["--role-name", "puller", "--policy-name", "logs"];
    await iam("put-role-policy", ...named, "--policy-document", JSON.stringify(logs));
    expect(await iam("get-role-policy", ...named)).toMatchObject({ PolicyDocument: logs });
    expect(await iam("list-role-policies", "--role-name", "puller")).toEqual({ PolicyNames: ["logs"] });
    const attached = await iam("list-attached-role-policies", "--role-name", "puller");
    expect(attached).toMatchObject({
      AttachedPolicies: [{ PolicyName: "AmazonECSTaskExecutionRolePolicy" }],
    });
    const { Roles } = await iam("list-roles");
    expect((Roles as { RoleName: string }[]).map((one) => one.RoleName)).toContain("puller");
    const missing = await session.cli(EAST, "iam", "get-role", "--role-name", "nobody");
    expect(missing.stderr).toContain(
      "An error occurred (NoSuchEntity) when calling the GetRole operation: The role with name nobody cannot be found.",
    );
  });

  test("ecs runs a task with that role", async () => {
    const ecs = (...args: readonly string[]) => session.call("ecs", ...args);
    await ecs("create-cluster", "--cluster-name", "shop");
    await ecs(
      ...["register-task-definition", "--family", "web", "--network-mode", "awsvpc"],
      ...["--requires-compatibilities", "FARGATE", "--cpu", "256", "--memory", "512"],
      ...["--execution-role-arn", role("puller")],
      ...["--container-definitions", JSON.stringify([{ name: "web", image: `${host}/shop/web:1` }])],
    );
    const on = ["--cluster", "shop", "--task-definition", "web", "--launch-type", "FARGATE"];
    const { tasks } = await ecs("run-task", ...on, "--network-configuration", network);
    const [{ taskArn } = { taskArn: "" }] = tasks as { taskArn: string }[];
    await ecs("wait", "tasks-running", "--cluster", "shop", "--tasks", taskArn);
    const described = await ecs("describe-tasks", "--cluster", "shop", "--tasks", taskArn);
    expect(described).toMatchObject({ tasks: [{ containers: [{ imageDigest: digest }] }] });
  });

  test("lambda makes a function of the image, with versions and aliases", async () => {
    const lambda = (...args: readonly string[]) => session.call("lambda", ...args);
    await createRole("function", ["lambda.amazonaws.com"], ["service-role/AWSLambdaBasicExecutionRole"]);
    const named = ["--function-name", "resize"];
    await lambda(
      ...["create-function", ...named, "--package-type", "Image", "--role", role("function")],
      ...["--code", `ImageUri=${host}/shop/web:1`, "--publish"],
    );
    await lambda("wait", "function-active-v2", ...named);
    await lambda("create-alias", ...named, "--name", "live", "--function-version", "1");
    expect(await lambda("get-function", ...named, "--qualifier", "live")).toMatchObject({
      Configuration: { Version: "1", PackageType: "Image" },
      Code: { ImageUri: `${host}/shop/web:1`, ResolvedImageUri: `${host}/shop/web@${digest}` },
    });
    const other = (await client.pushImage("shop/web", "2", "other")).digest;
    await lambda("update-function-code", ...named, "--image-uri", `${host}/shop/web:2`);
    await lambda("wait", "function-updated-v2", ...named);
    const { Functions } = await lambda("list-functions", "--function-version", "ALL");
    const shas = (Functions as { FunctionName: string; CodeSha256: string }[])
      .filter(({ FunctionName }) => FunctionName === "resize")
      .map(({ CodeSha256 }) => `sha256:${CodeSha256}`);
    expect(shas).toEqual([other, digest]);
    const refused = await session.cli(
      EAST,
      ...["lambda", "update-function-code", ...named, "--image-uri", `${host}/shop/web:none`],
    );
    expect(refused.stderr).toContain("does not exist. Provide a valid source image.");
  });

  test("events and scheduler start tasks, and show what they start", async () => {
    await createRole(
      "starter",
      ["events.amazonaws.com", "scheduler.amazonaws.com"],
      ["service-role/AmazonEC2ContainerServiceEventsRole"],
    );
    const EcsParameters = {
      TaskDefinitionArn: `arn:aws:ecs:${EAST.region}:${account}:task-definition/web:1`,
      LaunchType: "FARGATE",
      NetworkConfiguration: { awsvpcConfiguration: { Subnets: ["subnet-1"] } },
    };
    const target = { Arn: cluster, RoleArn: role("starter"), EcsParameters };
    const events = (...args: readonly string[]) => session.call("events", ...args);
    await events("put-rule", "--name", "nightly", "--schedule-expression", "rate(1 hour)");
    await events("put-targets", "--rule", "nightly", "--targets", JSON.stringify([{ Id: "web", ...target }]));
    expect(await events("list-targets-by-rule", "--rule", "nightly")).toMatchObject({
      Targets: [{ Id: "web", ...target }],
    });
    const { Rules } = await events("list-rules", "--name-prefix", "nightly");
    expect(Rules).toMatchObject([{ Name: "nightly", ScheduleExpression: "rate(1 hour)" }]);

    const scheduler = (...args: readonly string[]) => session.call("scheduler", ...args);
    await scheduler(
      ...["create-schedule", "--name", "hourly", "--schedule-expression", "rate(1 hour)"],
      ...["--flexible-time-window", "Mode=OFF", "--target", JSON.stringify(target)],
    );
    expect(await scheduler("get-schedule", "--name", "hourly")).toMatchObject({ Target: target });
    await session.product.control("POST", "clock", { advance: "PT61M" });
    for (const startedBy of ["events-rule/nightly", "chronos-schedule/hourly"])
      await until(`a task that ${startedBy} started`, async () => {
        const answer = await session.call(
          "ecs",
          "list-tasks",
          "--cluster",
          "shop",
          "--started-by",
          startedBy,
        );
        return (answer["taskArns"] as string[]).length === 1;
      });
    await scheduler("delete-schedule", "--name", "hourly");
    const { Schedules } = await scheduler("list-schedules", "--name-prefix", "hourly");
    expect(Schedules).toEqual([]);
  });

  test("inspector2 covers images where scanning is enhanced, and refuses to say anything elsewhere", async () => {
    const refused = await session.cli(EAST, "inspector2", "list-coverage");
    expect(refused.stderr).toContain("AccessDeniedException");
    const rules = [
      { scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }] },
    ];
    const scanning = ["--scan-type", "ENHANCED", "--rules", JSON.stringify(rules)];
    await session.ecr("put-registry-scanning-configuration", ...scanning);
    const filter = { ecrRepositoryName: [{ comparison: "EQUALS", value: "shop/web" }] };
    const { coveredResources } = await session.call(
      ...["inspector2", "list-coverage", "--filter-criteria", JSON.stringify(filter)],
    );
    expect((coveredResources as { resourceId: string }[]).map(({ resourceId }) => resourceId)).toContain(
      `arn:aws:ecr:${EAST.region}:${account}:repository/shop/web/${digest}`,
    );
  });
});
