import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreatePullThroughCacheRuleCommand,
  CreateRepositoryCommand,
  PutLifecyclePolicyCommand,
  PutRegistryScanningConfigurationCommand,
  TagResourceCommand,
} from "@aws-sdk/client-ecr";
import { CreateFunctionCommand, type CreateFunctionCommandInput } from "@aws-sdk/client-lambda";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { tallyOf } from "@tallyman/domain/doctor/finding";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complaints, type Diagnosis, diagnose, type Keys, runDoctor } from "../support/doctor/doctor.ts";
import { examineAll } from "../support/doctor/examine-all.ts";
import { Workloads } from "../support/doctor/workloads.ts";
import { Embedded } from "../support/embedded.ts";
import { createRepository, deleteImage, EAST, OTHER, withEcr } from "../support/registries.ts";
import { credentialsOf, RegistryClient } from "../support/registry-client.ts";

const DOCUMENTED = documentedActions();
const host = ({ account, region } = EAST) => `${account}.dkr.ecr.${region}.amazonaws.com`;
const admin = credentialsOf(EAST.account);
const otherAdmin = credentialsOf(OTHER.account);
const allow = (...Action: readonly string[]) => ({ Effect: "Allow", Action, Resource: "*" });
const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

let product: Embedded;
let own: Workloads;
let other: Workloads;
let role: string;

beforeAll(async () => {
  product = await Embedded.start();
  own = new Workloads(product, EAST);
  other = new Workloads(product, OTHER);
  role = await own.role("functions", { service: "lambda", statements: [allow("logs:*")] });
}, 300_000);
afterAll(async () => {
  own?.destroy();
  other?.destroy();
  await product?.dispose();
});

function documentedActions(): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, "../../docs/doctor.md"), "utf8");
  const [, policy = ""] = /```json\n(.*?)```/s.exec(text) ?? [];
  return JSON.parse(policy).Statement[0].Action;
}

function lookAt(args: readonly string[], keys: Keys = admin): Promise<Diagnosis> {
  return diagnose(product.url, args, keys);
}

async function aFunction(
  FunctionName: string,
  ImageUri: string,
  more: Partial<CreateFunctionCommandInput> = {},
) {
  const input = { FunctionName, PackageType: "Image", Code: { ImageUri }, Role: role, ...more } as const;
  await own.lambda.send(new CreateFunctionCommand(input));
}

describe("doctor lambda", () => {
  let here: RegistryClient;
  beforeAll(async () => {
    here = await RegistryClient.login(product.url, EAST);
    for (const name of ["fn/a", "fn/gone", "fn/cold", "fn/moved"]) {
      await createRepository(product.url, EAST, name);
      await here.pushImage(name, "1", name);
    }
  });

  test("a function whose image is as it should be is fine", async () => {
    await aFunction("fine", `${host()}/fn/a:1`);
    const found = await lookAt(["lambda", "--function", "fine"]);
    expect(complaints(found)).toEqual(["pinned: warning"]);
    expect(found).toMatchObject({ code: 0, account: EAST.account, region: "us-east-1" });
    expect((await lookAt(["lambda", "--function", "fine", "--strict"])).code).toBe(1);
  });

  test("an image that was deleted or archived since is a problem", async () => {
    const { digest } = await here.pushImage("fn/cold", "1", "fn/cold");
    await aFunction("gone", `${host()}/fn/gone:1`);
    await aFunction("cold", `${host()}/fn/cold@${digest}`);
    await deleteImage(product.url, EAST, { repositoryName: "fn/gone", imageIds: [{ imageTag: "1" }] });
    await own.archive("fn/cold", digest);
    const gone = await lookAt(["lambda", "--function", "gone"]);
    expect(complaints(gone)).toEqual(["image-there: problem", "pinned: warning", "running-there: problem"]);
    expect(gone.code).toBe(1);
    expect(complaints(await lookAt(["lambda", "--function", "cold"]))).toEqual(["image-active: problem"]);
  });

  test("a tag that has moved on is told: the function runs what it was", async () => {
    await aFunction("moved", `${host()}/fn/moved:1`);
    await here.pushImage("fn/moved", "1", "something else");
    expect(complaints(await lookAt(["lambda", "--function", "moved"]))).toEqual([
      "pinned: warning",
      "resolved: warning",
    ]);
  });

  test("a policy that was taken away since, and a role that Lambda may not assume any more", async () => {
    await createRepository(product.url, EAST, "fn/closed");
    await here.pushImage("fn/closed", "1", "fn/closed");
    await aFunction("closed", `${host()}/fn/closed:1`);
    await own.repositoryPolicy("fn/closed", { Effect: "Deny", Principal: "*", Action: PULL });
    const found = await lookAt(["lambda", "--function", "closed"]);
    expect(complaints(found)).toEqual(["lambda-may-pull: problem", "pinned: warning"]);
  });

  test("every function of the Region is looked at, and one that is not there is no success", async () => {
    const all = await lookAt(["lambda"]);
    expect(new Set(all.items.map(({ subject }) => subject))).toContain("function fine:$LATEST");
    expect(new Set(all.items.map(({ subject }) => subject)).size).toBe(5);
    const none = await lookAt(["lambda", "--function", "nowhere"]);
    expect(none).toMatchObject({ code: 2, items: [{ verdict: "unknown" }] });
  });
});

describe("doctor registry", () => {
  const at = ["registry", "--region", "us-west-2"];

  test("says what repositories lack, and what they are open for", async () => {
    const west = { ...EAST, region: "us-west-2" };
    const settings = new Workloads(product, west);
    await withEcr(product.url, west, async (ecr) => {
      const repositoryFilters = [{ filter: "good/*", filterType: "WILDCARD" as const }];
      const rules = [{ scanFrequency: "SCAN_ON_PUSH" as const, repositoryFilters }];
      await ecr.send(new PutRegistryScanningConfigurationCommand({ scanType: "BASIC", rules }));
      await ecr.send(
        new CreateRepositoryCommand({ repositoryName: "good/a", imageTagMutability: "IMMUTABLE" }),
      );
      await ecr.send(new CreateRepositoryCommand({ repositoryName: "bad/b" }));
      const lifecyclePolicyText = JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            selection: { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 5 },
            action: { type: "expire" },
          },
        ],
      });
      await ecr.send(new PutLifecyclePolicyCommand({ repositoryName: "good/a", lifecyclePolicyText }));
    });
    await settings.repositoryPolicy("bad/b", { Sid: "Open", Effect: "Allow", Principal: "*", Action: PULL });
    settings.destroy();
    const found = await lookAt(at);
    const of = (subject: string) => ({ items: found.items.filter((it) => it.subject === subject) });
    expect(complaints(of("registry 111122223333/us-west-2"))).toEqual([]);
    expect(of("repository good/a").items).toHaveLength(4);
    expect(complaints(of("repository good/a"))).toEqual([]);
    expect(complaints(of("repository bad/b"))).toEqual([
      "lifecycle-policy: warning",
      "policy: problem",
      "scan-on-push: warning",
      "tag-mutability: warning",
    ]);
    expect(found.code).toBe(1);
  });

  test("of one repository, and in words", async () => {
    const { code, stdout, stderr } = await runDoctor(
      product.url,
      [...at, "--repository", "good/a", "--wide"],
      admin,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(
      `repository good/a
  ok      scan-on-push     good/a is scanned on push
  ok      tag-mutability   tags of good/a are immutable
  ok      policy           good/a has no policy: only its own account is let in
  ok      lifecycle-policy good/a has a lifecycle policy
111122223333/us-west-2: 4 ok
`,
    );
    expect((await lookAt([...at, "--repository", "no/such"])).code).toBe(2);
  });
});

describe("where it looks", () => {
  test("it stops when the credentials are of another account, or nobody's", async () => {
    const wrong = await runDoctor(product.url, ["ecs", "--account", OTHER.account], admin);
    expect(wrong).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("of account 111122223333"),
    });
    expect((await runDoctor(product.url, ["ecs", "--account", EAST.account], admin)).code).toBe(0);
    const nobody = await runDoctor(product.url, ["ecs"], { accessKeyId: "x", secretAccessKey: "y" });
    expect(nobody).toMatchObject({ code: 2, stdout: "" });
  });

  test.each([
    [["ecs", "--endpoint", "http://127.0.0.1:1"], /--endpoint-url/],
    [["ecs", "--region", "nowhere"], /no Region/],
    [["ecs", "--instance-role", "web"], /not the ARN of a role/],
  ])("wrong usage of it says so: %j", async (args, message) => {
    const { code, stderr } = await runDoctor(product.url, args, admin);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("an address where nothing answers is not a healthy account", async () => {
    const { code, stdout } = await runDoctor("http://127.0.0.1:9", ["registry"], admin);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});

describe("whoever may not look", () => {
  beforeAll(async () => {
    const there = await RegistryClient.login(product.url, OTHER);
    await createRepository(product.url, OTHER, "all/web");
    const { digest } = await there.pushImage("all/web", "1", "all/web");
    const resourceArn = `arn:aws:ecr:us-east-1:${OTHER.account}:repository/all/web`;
    const tags = [{ Key: "team", Value: "shop" }];
    await withEcr(product.url, OTHER, (ecr) => ecr.send(new TagResourceCommand({ resourceArn, tags })));
    const image = `${host(OTHER)}/all/web@${digest}`;
    const ofTeam = {
      ...allow(...PULL, "ecr:BatchCheckLayerAvailability"),
      Condition: { StringEquals: { "ecr:ResourceTag/team": "shop" } },
    };
    const statements = [ofTeam, allow("ecr:GetAuthorizationToken")];
    await other.cluster("all");
    await other.instance("all", "1.82.0", await other.role("instance", { service: "ec2" }));
    await other.service("all", "machines", { image, launchType: "EC2" });
    const rule = { ecrRepositoryPrefix: "docker", upstreamRegistryUrl: "public.ecr.aws" };
    await withEcr(product.url, OTHER, (ecr) => ecr.send(new CreatePullThroughCacheRuleCommand(rule)));
    const cached = `${host(OTHER)}/docker/library/nginx@sha256:${"0f".repeat(32)}`;
    await other.service("all", "cached", { image: cached, launchType: "EC2" });
    const definition = await other.service("all", "fargate", {
      image,
      executionRole: await other.role("task", { statements }),
    });
    expect(await other.runs("all", definition)).toBe(true);
    const Role = await other.role("function", { service: "lambda" });
    const input = { FunctionName: "all", PackageType: "Image", Code: { ImageUri: image }, Role } as const;
    await other.lambda.send(new CreateFunctionCommand(input));
    await other.role("looker", {
      trust: { Effect: "Allow", Principal: { AWS: OTHER.account }, Action: "sts:AssumeRole" },
      statements: [allow("s3:*")],
    });
  });

  async function looker(actions: readonly string[]): Promise<Keys> {
    await other.setStatements("looker", [allow(...actions)]);
    const sts = new STSClient({ endpoint: product.url, region: "us-east-1", credentials: otherAdmin });
    const RoleArn = `arn:aws:iam::${OTHER.account}:role/looker`;
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "looker" }));
    sts.destroy();
    return {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    };
  }

  test("with the documented actions sees all that the administrator sees", async () => {
    const keys = await looker(DOCUMENTED);
    const seen = await examineAll(product.url, keys, "all");
    expect(seen).toEqual(await examineAll(product.url, otherAdmin, "all"));
    for (const findings of seen) {
      expect(tallyOf(findings)).toMatchObject({ unknown: 0, problem: 0 });
      expect(tallyOf(findings).ok).toBeGreaterThan(1);
    }
    expect(await runDoctor(product.url, ["ecs"], keys)).toMatchObject({ code: 0, stderr: "" });
  });

  test.each(DOCUMENTED)(
    "without %s says that it could not look, and never that all is well",
    async (action) => {
      const seen = await examineAll(
        product.url,
        await looker(DOCUMENTED.filter((it) => it !== action)),
        "all",
      );
      const blind = seen.flat().filter(({ verdict }) => verdict === "unknown");
      expect(blind.some(({ evidence }) => JSON.stringify(evidence).includes(`"${action}"`))).toBe(true);
      for (const { remedy } of blind) expect(remedy).toContain(`Allow ${action} to whoever runs this`);
    },
  );

  test("of whom it is asked by the command, its exit code says so", async () => {
    const keys = await looker(DOCUMENTED.filter((it) => it !== "iam:GetRole"));
    const { code, stdout, stderr } = await runDoctor(product.url, ["ecs", "--service", "fargate"], keys);
    expect(code, stderr).toBe(2);
    expect(stdout).toMatch(/unknown role .* could not be looked at: iam:GetRole/);
    expect(stdout).toContain("-> Allow iam:GetRole to whoever runs this");
    expect(stderr).toMatch(/1 check could not be made/);
  });
});
