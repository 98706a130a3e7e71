import { PutImageTagMutabilityCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complaints, diagnose } from "../support/doctor/doctor.ts";
import { Workloads } from "../support/doctor/workloads.ts";
import { Embedded } from "../support/embedded.ts";
import { createRepository, deleteImage, EAST, OTHER, withEcr } from "../support/registries.ts";
import { credentialsOf, RegistryClient } from "../support/registry-client.ts";

const FOUR = [
  "ecr:GetAuthorizationToken",
  "ecr:BatchGetImage",
  "ecr:GetDownloadUrlForLayer",
  "ecr:BatchCheckLayerAvailability",
];
const allow = (...Action: readonly string[]) => ({ Effect: "Allow", Action, Resource: "*" });
const host = ({ account, region } = EAST) => `${account}.dkr.ecr.${region}.amazonaws.com`;
const keys = credentialsOf(EAST.account);

let product: Embedded;
let own: Workloads;
let other: Workloads;
const digests = new Map<string, string>();
const image = (name: string) => `${host()}/prod/${name}:1`;

beforeAll(async () => {
  product = await Embedded.start();
  own = new Workloads(product, EAST);
  other = new Workloads(product, OTHER);
  const [here, there] = [
    await RegistryClient.login(product.url, EAST),
    await RegistryClient.login(product.url, OTHER),
  ];
  for (const name of ["web", "gone", "cold", "denied", "moving"]) {
    await createRepository(product.url, EAST, `prod/${name}`);
    digests.set(name, (await here.pushImage(`prod/${name}`, "1", name)).digest);
    const immutable = { repositoryName: `prod/${name}`, imageTagMutability: "IMMUTABLE" } as const;
    if (name !== "moving")
      await withEcr(product.url, EAST, (ecr) => ecr.send(new PutImageTagMutabilityCommand(immutable)));
  }
  for (const name of ["shared", "closed"]) {
    await createRepository(product.url, OTHER, `lib/${name}`);
    digests.set(name, (await there.pushImage(`lib/${name}`, "1", name)).digest);
  }
  await deleteImage(product.url, EAST, { repositoryName: "prod/gone", imageIds: [{ imageTag: "1" }] });
  await own.archive("prod/cold", digests.get("cold") ?? "");
  await own.repositoryPolicy("prod/denied", { Effect: "Deny", Principal: "*", Action: "ecr:BatchGetImage" });
  await other.repositoryPolicy("lib/shared", {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${EAST.account}:root` },
    Action: [...FOUR.slice(1), "ecr:DescribeImages", "ecr:GetRepositoryPolicy"],
  });
  await own.cluster("demo");
}, 300_000);
afterAll(async () => {
  own?.destroy();
  other?.destroy();
  await product?.dispose();
});

type Case = {
  readonly image: () => string;
  readonly role?: Parameters<Workloads["role"]>[1];
  readonly complaints: readonly string[];
  /** Whether a task of it really runs. */
  readonly runs: boolean;
};
const pinned = (repository: string, name: string, at = EAST) =>
  `${host(at)}/${repository}@${digests.get(name)}`;
const without = (action: string) => ({ statements: [allow(...FOUR.filter((it) => it !== action))] });

const CASES: Readonly<Record<string, Case>> = {
  healthy: { image: () => image("web"), complaints: [], runs: true },
  "by-digest": { image: () => pinned("prod/moving", "moving"), complaints: [], runs: true },
  "by-tag": { image: () => image("moving"), complaints: ["pinned: warning"], runs: true },
  "without-login": {
    image: () => image("web"),
    role: without(FOUR[0] ?? ""),
    complaints: ["login: problem"],
    runs: false,
  },
  "without-manifests": {
    image: () => image("web"),
    role: without(FOUR[1] ?? ""),
    complaints: ["pull: problem"],
    runs: false,
  },
  "without-layers": {
    image: () => image("web"),
    role: without(FOUR[2] ?? ""),
    complaints: ["pull: problem"],
    runs: false,
  },
  "not-trusting": {
    image: () => image("web"),
    role: { service: "lambda" },
    complaints: ["trust: problem"],
    runs: false,
  },
  gone: { image: () => image("gone"), complaints: ["image-there: problem"], runs: false },
  cold: { image: () => image("cold"), complaints: ["image-active: problem"], runs: false },
  denied: { image: () => image("denied"), complaints: ["pull: problem"], runs: false },
  short: { image: () => "prod/web:1", complaints: ["image-name: problem"], runs: false },
  shared: { image: () => pinned("lib/shared", "shared", OTHER), complaints: [], runs: true },
};

describe("what the doctor says of a service, and whether its tasks run", () => {
  test.each(Object.keys(CASES))("%s", async (name) => {
    const { image: named, role, complaints: expected, runs } = CASES[name] as Case;
    const executionRole = await own.role(`task-${name}`, role);
    const definition = await own.service("demo", name, { image: named(), executionRole });
    const outcome = await own.runs("demo", definition).catch((error: unknown) => String(error));
    expect(outcome === true, String(outcome)).toBe(runs);
    const found = await diagnose(product.url, ["ecs", "--cluster", "demo", "--service", name], keys);
    expect(complaints(found)).toEqual(expected);
    expect(found.code).toBe(expected.some((it) => it.endsWith("problem")) ? 1 : 0);
    for (const { verdict, remedy } of found.items) expect(remedy === undefined).toBe(verdict === "ok");
  });

  test("between accounts it needs the other account's leave to look at what is pulled", async () => {
    const executionRole = await own.role("task-closed");
    const definition = await own.service("demo", "closed", {
      image: pinned("lib/closed", "closed", OTHER),
      executionRole,
    });
    expect(await own.runs("demo", definition)).not.toBe(true);
    const found = await diagnose(product.url, ["ecs", "--service", "closed"], keys);
    expect(found.code).toBe(2);
    expect(complaints(found)).toEqual(["image-there: unknown", "pull: unknown"]);
  });
});

describe("on container instances", () => {
  const service = (name: string, executionRole?: string) =>
    own.service(name, name, {
      image: image("web"),
      launchType: "EC2",
      ...(executionRole !== undefined && { executionRole }),
    });
  const look = (cluster: string, ...more: readonly string[]) =>
    diagnose(product.url, ["ecs", "--cluster", cluster, ...more], keys);

  test("the instance's role pulls where the task definition names no other", async () => {
    await own.cluster("able");
    await own.instance("able", "1.82.0", await own.role("instance-able", { service: "ec2" }));
    expect(await own.runs("able", await service("able"), "EC2")).toBe(true);
    const found = await look("able");
    expect(complaints(found)).toEqual([]);
    expect(found.code).toBe(0);
    const pulling = found.items.filter(({ check }) => check === "pull");
    expect(new Set(pulling.map(({ evidence }) => evidence["role"]))).toEqual(
      new Set([`arn:aws:iam::${EAST.account}:role/instance-able`]),
    );
  });

  test("a role that may not, and one that EC2 may not assume, is a problem", async () => {
    await own.cluster("unable");
    await own.instance(
      "unable",
      "1.82.0",
      await own.role("instance-unable", { statements: [allow("s3:*")] }),
    );
    expect(await own.runs("unable", await service("unable"), "EC2")).not.toBe(true);
    expect(complaints(await look("unable"))).toEqual([
      "login: problem",
      "pull: problem",
      "pull: warning",
      "trust: problem",
    ]);
  });

  test("an agent that is older than ECR is a problem", async () => {
    await own.cluster("old");
    await own.instance("old", "1.6.2", await own.role("instance-old", { service: "ec2" }));
    expect(await own.runs("old", await service("old"), "EC2")).not.toBe(true);
    const found = await look("old");
    expect(complaints(found)).toEqual(["agent-version: problem"]);
    expect(found.code).toBe(1);
  });

  test("an execution role pulls instead of the instance's", async () => {
    await own.cluster("both");
    await own.instance(
      "both",
      "1.82.0",
      await own.role("instance-both", { service: "ec2", statements: [allow("s3:*")] }),
    );
    expect(await own.runs("both", await service("both", await own.role("task-both")), "EC2")).toBe(true);
    expect(complaints(await look("both"))).toEqual([]);
  });

  test("a role that is named by hand is looked at instead of asking EC2", async () => {
    await own.cluster("empty");
    await service("empty");
    expect(complaints(await look("empty"))).toEqual(["role: unknown"]);
    const role = await own.role("instance-named", { service: "ec2" });
    expect(complaints(await look("empty", "--instance-role", role))).toEqual([]);
  });

  test("tasks that no service started are looked at while they run", async () => {
    await own.cluster("alone");
    const definition = await own.service("demo", "template", {
      image: image("web"),
      executionRole: await own.role("task-alone"),
    });
    expect(await own.runs("alone", definition)).toBe(true);
    const found = await look("alone");
    expect(new Set(found.items.map(({ subject }) => subject))).toEqual(new Set([`task alone/${definition}`]));
    expect(complaints(found)).toEqual([]);
  });
});
