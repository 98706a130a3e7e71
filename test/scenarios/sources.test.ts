import { SetRepositoryPolicyCommand } from "@aws-sdk/client-ecr";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { beforeAll, describe, expect, test } from "vitest";
import { policyText, Workloads } from "../support/doctor/workloads.ts";
import { EAST, OTHER, withEcr } from "../support/registries.ts";
import { credentialsOf } from "../support/registry-client.ts";
import { putReport, reporterRole, roleArn } from "../support/reporter.ts";
import { callTallyman } from "../support/run-tallyman.ts";
import { type Shelf, stage } from "./stage.ts";

// I-12: what one source does not know of is not unused for that.

const { product, evidence, fleet, shelf } = stage();
const STRANGER = "999988887777";
const KUBERNETES = { name: "kubernetes", principal: roleArn("cluster-reporter"), account: EAST.account };

beforeAll(() => evidence().usePolicy({ version: 1, usage: { sources: [KUBERNETES] } }));

/** Everybody of an account may pull from a repository. */
async function letPull({ repository: repositoryName }: Shelf, account: string): Promise<void> {
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  const Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"];
  const input = { repositoryName, policyText: policyText({ Effect: "Allow", Principal, Action }) };
  await withEcr(product().url, EAST, (ecr) => ecr.send(new SetRepositoryPolicyCommand(input)));
}

async function blocked(): Promise<readonly string[]> {
  const items = await product().api.list("/usage");
  return items.map(({ account, repository }) => `${account} ${repository}`);
}

async function status(): Promise<string> {
  const { code, stdout } = await callTallyman(["usage", "status"], product().url);
  expect(code).toBeLessThan(2);
  return stdout;
}

describe("I-12: the assets of what another tool deployed", () => {
  test("a function, a task of no service, a timer and a cluster each keep theirs, as soon as all of them told", async () => {
    const [assets, ecs] = [await shelf("assets/all"), await fleet()];
    const push = (tag: string) => assets.push(tag, `asset ${tag}`);
    const [task, timer, cluster, lambda, none] = [
      await push("task"),
      await push("timer"),
      await push("cluster"),
      await push("lambda"),
      await push("none"),
    ];
    await ecs.run(await ecs.define("assets-task", assets.image(":task")));
    await onceADay(await ecs.define("assets-timer", assets.image(":timer")));
    await functionOf("assets", assets.image(":lambda"));
    const credentials = await reporterRole(product(), "cluster-reporter");
    await evidence().collect();
    expect(await evidence().verdict(assets, none)).toEqual([
      `unknown: never-reported kubernetes ${EAST.account}`,
    ]);

    const place = { kind: "template", account: EAST.account, cluster: "shop", service: "cronjob/shop/tidy" };
    const report = {
      ...{ scope: "eks/shop", sequence: 1, complete: true },
      observedAt: (await evidence().now()).toISOString(),
      items: [{ image: assets.image(":cluster"), ...place }],
    };
    expect((await putReport(product(), "kubernetes", { body: report, credentials })).status).toBe(202);
    await product().atRest();
    const verdicts = [];
    for (const digest of [task, timer, cluster, lambda, none])
      verdicts.push(await evidence().verdict(assets, digest));
    expect(verdicts).toEqual([
      ["used task-definition-family/assets-task (digest)"],
      ["used rule/default/assets (tag)"],
      ["used cronjob/shop/tidy (tag)"],
      ["used function/assets:$LATEST (digest)"],
      ["unused"],
    ]);
    expect(await blocked()).toEqual([]);
  });

  test("an account that may pull, and of which nothing tells, blocks that repository and no other", async () => {
    const [shared, own] = [await shelf("shared/web"), await shelf("own/web")];
    const digests = [await shared.push("1", "for a stranger"), await own.push("1", "for us")] as const;
    await letPull(shared, STRANGER);
    await evidence().collect();
    expect(await evidence().verdict(shared, digests[0])).toEqual([`unknown: no-source ${STRANGER}`]);
    expect(await evidence().verdict(own, digests[1])).toEqual(["unused"]);
    expect(await blocked()).toEqual([`${EAST.account} shared/web`]);
    const said = await status();
    expect(said).toContain("shared/web");
    expect(said).toContain(`nothing tells what runs in account ${STRANGER}`);
    expect(said).toContain("usage.sources");

    const theirs = { name: "theirs", principal: roleArn("their-reporter"), account: STRANGER };
    await evidence().usePolicy({ version: 1, usage: { sources: [KUBERNETES, theirs] } });
    const credentials = await reporterRole(product(), "their-reporter");
    const report = {
      ...{ scope: "all", sequence: 1, complete: true },
      // What it sees is not of ECR. Had it seen nothing at all, a person would have to believe it.
      items: [
        { image: "docker.io/library/nginx:1", kind: "running", account: STRANGER, service: "deployment/web" },
      ],
      observedAt: (await evidence().now()).toISOString(),
    };
    expect((await putReport(product(), "theirs", { body: report, credentials })).status).toBe(202);
    await product().atRest();
    expect(await evidence().verdict(shared, digests[0])).toEqual(["unused"]);
    expect(await blocked()).toEqual([]);
  });

  test("while one account cannot be asked, exactly the repositories that it may pull from are blocked", async () => {
    const [shared, own, theirs] = [
      await shelf("partner/web"),
      await shelf("alone/web"),
      await shelf("theirs/web", OTHER),
    ];
    const digests = [await shared.push("1", "a"), await own.push("1", "b"), await theirs.push("1", "c")];
    await letPull(shared, OTHER.account);
    await evidence().collect();
    const verdicts = () =>
      Promise.all([shared, own, theirs].map((it, i) => evidence().verdict(it, digests[i] ?? "")));
    expect(await verdicts()).toEqual([["unused"], ["unused"], ["unused"]]);

    const failing = {
      code: "AccessDeniedException",
      status: 400,
      registry: `${OTHER.account}/${OTHER.region}`,
    };
    await product().control("POST", "faults", {
      operations: { "ecs:ListClusters": { rate: 1, ...failing } },
    });
    // What fails is tried again in a while: nothing comes to rest before.
    await product().control("POST", "run/usage?wait=0");
    const failed = [`unknown: failed ecs ${OTHER.account}`];
    const isKnown = async () => (await verdicts())[2]?.[0] === failed[0];
    await product().until("it is known that asking failed", isKnown);
    expect(await verdicts()).toEqual([failed, ["unused"], failed]);
    expect(await blocked()).toEqual([`${EAST.account} partner/web`, `${OTHER.account} theirs/web`]);

    await product().control("POST", "faults", {});
    await evidence().pass("PT30M");
    await evidence().collect();
    expect(await verdicts()).toEqual([["unused"], ["unused"], ["unused"]]);
  });

  test("what empties all at once is not believed, and what it ran is used, until a person accepts it", async () => {
    const [web, ecs] = [await shelf("emptied/web", OTHER), await fleet(OTHER)];
    const tasks = [];
    const digests: string[] = [];
    for (const tag of ["1", "2", "3", "4", "5", "6"]) {
      digests.push(await web.push(tag, `emptied ${tag}`));
      const [task] = await ecs.run(await ecs.define(`emptied-${tag}`, web.image(`:${tag}`)));
      tasks.push(await ecs.reaches(task ?? {}, "RUNNING"));
    }
    await evidence().collect();
    for (const task of tasks) await ecs.stop(task);
    // ECS forgets them within the hour; what tells by events counts for a day.
    await evidence().pass("PT2H");
    await evidence().collect();
    await evidence().pass("P3D");
    await evidence().collect();
    const scope = `${OTHER.account}/${OTHER.region}`;
    const { body } = await product().api.get(`/usage/ecs/${scope}`);
    expect(body).toMatchObject({ subjects: 6, suspect: { missing: 6, subjects: 0 } });
    expect(await evidence().verdict(web, digests[0] ?? "")).toEqual([
      "used task-definition-family/emptied-1 (digest)",
    ]);
    expect(await status()).toContain(`tallyman usage accept ecs ${scope}`);

    const { sequence } = body["suspect"] as { sequence: number };
    const accept = [
      "usage",
      "accept",
      "ecs",
      scope,
      "--sequence",
      String(sequence),
      "--reason",
      "moved away",
    ];
    expect((await callTallyman(accept, product().url)).code).toBe(0);
    await product().atRest();
    const audit = await product().api.list("/audit");
    const accepted = audit.map(({ action }) => String(action)).filter((it) => it.startsWith("usage."));
    expect(accepted.toSorted()).toEqual(["usage.accept-requested", "usage.accepted"]);
    await evidence().pass("P2D");
    await evidence().collect();
    expect(await evidence().verdict(web, digests[0] ?? "")).toEqual(["unused"]);
  });
});

/** A rule that starts a task of the definition once a day. */
async function onceADay(definition: string): Promise<void> {
  const credentials = credentialsOf(EAST.account);
  const events = new EventBridgeClient({ endpoint: product().url, region: EAST.region, credentials });
  await events.send(
    new PutRuleCommand({ Name: "assets", ScheduleExpression: "rate(1 day)", State: "DISABLED" }),
  );
  const arn = (rest: string) => `arn:aws:ecs:${EAST.region}:${EAST.account}:${rest}`;
  const EcsParameters = { TaskDefinitionArn: arn(`task-definition/${definition}`), TaskCount: 1 };
  const RoleArn = roleArn("ecsEventsRole");
  const target = { Id: "task", Arn: arn("cluster/production"), RoleArn, EcsParameters };
  await events.send(new PutTargetsCommand({ Rule: "assets", Targets: [target] }));
  events.destroy();
}

async function functionOf(FunctionName: string, ImageUri: string): Promise<void> {
  const workloads = new Workloads(product(), EAST);
  const Role = await workloads.role("run-functions", { service: "lambda", statements: [] });
  const command = new CreateFunctionCommand({ FunctionName, Role, PackageType: "Image", Code: { ImageUri } });
  await workloads.lambda.send(command);
  workloads.destroy();
}
