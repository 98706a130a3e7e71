import { describe, expect, test } from "vitest";
import { type EcsScope, examineEcs } from "./examine-ecs.ts";
import type { EcsWorkload } from "./facts.ts";
import {
  account,
  arnOf,
  HOST,
  type Look,
  place,
  roleOf,
  said,
  unseen,
  web,
} from "./testing/healthy-account.ts";

const ecs = (given: Partial<Look> = {}, scope: Partial<EcsScope> = {}) =>
  examineEcs(account(given), { place, ...scope });
const definition = (more: object) => ({
  findTaskDefinition: async () => ({
    seen: { name: "web:1", containers: [{ name: "main", image: `${HOST}/prod/web:1` }], ...more },
  }),
});
const onInstances = { listServices: async () => ({ seen: [{ ...web, launchType: "EC2" as const }] }) };
const oneInstance = {
  listInstances: async () => ({
    seen: [{ cluster: "prod", id: "1", ec2Instance: "i-1", agentVersion: "1.99.0" }],
  }),
};

test("an account in which all is well is well, and everything was looked at", async () => {
  const all = await Array.fromAsync(ecs());
  expect(all.map(({ check }) => check)).toEqual([
    "image-name",
    "image-there",
    "image-active",
    "pinned",
    "trust",
    "login",
    "pull",
    "pull",
    "pull",
  ]);
  expect(new Set(all.map(({ verdict, subject }) => `${subject} ${verdict}`))).toEqual(
    new Set(["service prod/web ok"]),
  );
});

describe("doctor ecs", () => {
  test.each<[string, Partial<Look>, Partial<EcsScope>, string[]]>([
    [
      "no image",
      { findImage: async () => ({ seen: undefined }) },
      {},
      ["service prod/web: image-there problem"],
    ],
    [
      "no image, which a cache will fetch",
      { findImage: async () => ({ seen: undefined }), findCachePrefixes: async () => ({ seen: ["prod"] }) },
      {},
      ["service prod/web: image-there warning"],
    ],
    ["no role", { findRole: async () => ({ seen: undefined }) }, {}, ["service prod/web: role problem"]],
    ["a role unseen", { findRole: async () => ({ unseen }) }, {}, ["service prod/web: role unknown"]],
    ["no execution role on Fargate", definition({}), {}, ["service prod/web: role problem"]],
    [
      "no definition",
      { findTaskDefinition: async () => ({ seen: undefined }) },
      {},
      ["service prod/web: task-definition problem"],
    ],
    [
      "a definition unseen",
      { findTaskDefinition: async () => ({ unseen }) },
      {},
      ["service prod/web: task-definition unknown"],
    ],
    [
      "clusters unseen",
      { listClusters: async () => ({ unseen }) },
      {},
      ["region us-east-1: clusters unknown"],
    ],
    ["services unseen", { listServices: async () => ({ unseen }) }, {}, ["cluster prod: workloads unknown"]],
    ["tasks unseen", { listTasks: async () => ({ unseen }) }, {}, ["cluster prod: workloads unknown"]],
    [
      "instances unseen",
      { listInstances: async () => ({ unseen }) },
      {},
      ["cluster prod: container-instances unknown"],
    ],
    ["no such cluster", {}, { cluster: "dev" }, ["cluster dev: cluster unknown"]],
    ["no such service", {}, { cluster: "prod", service: "api" }, ["service api: service unknown"]],
    [
      "a service unseen",
      { findService: async () => ({ unseen }) },
      { service: "web" },
      ["cluster prod: workloads unknown"],
    ],
    ["another service that is unwell", { listServices: async () => ({ unseen }) }, { service: "web" }, []],
    [
      "no instances, and nothing to pull with",
      { ...onInstances, ...definition({}) },
      {},
      ["service prod/web: role unknown"],
    ],
    [
      "no instances, and a role that is named",
      { ...onInstances, ...definition({}) },
      { instanceRole: arnOf("x") },
      [],
    ],
    ["an instance with a role", { ...onInstances, ...oneInstance, ...definition({}) }, {}, []],
    [
      "an instance without one",
      {
        ...onInstances,
        ...oneInstance,
        ...definition({}),
        findInstanceRole: async () => ({ seen: undefined }),
      },
      {},
      ["service prod/web: role problem"],
    ],
    [
      "an instance whose role is unseen",
      { ...onInstances, ...oneInstance, ...definition({}), findInstanceRole: async () => ({ unseen }) },
      {},
      ["service prod/web: role unknown"],
    ],
    [
      "an instance outside of AWS",
      {
        ...onInstances,
        ...definition({}),
        listInstances: async () => ({ seen: [{ cluster: "prod", id: "1", agentVersion: "1.99.0" }] }),
      },
      {},
      ["service prod/web: role unknown"],
    ],
    [
      "an instance with no role, but a task that has one",
      { ...onInstances, ...oneInstance, findInstanceRole: async () => ({ seen: undefined }) },
      {},
      [],
    ],
    [
      "an old agent",
      { listInstances: async () => ({ seen: [{ cluster: "prod", id: "1", agentVersion: "1.0.0" }] }) },
      {},
      ["instance prod/1: agent-version problem"],
    ],
    [
      "a short name that is ours",
      definition({ containers: [{ name: "main", image: "prod/web:1" }] }),
      {},
      ["service prod/web: image-name problem"],
    ],
    [
      "an image of elsewhere, which needs no role",
      definition({ containers: [{ name: "main", image: "ghcr.io/a/b:1" }] }),
      {},
      [],
    ],
    [
      "a role that may not pull",
      { findRole: async (arn) => ({ seen: roleOf(arn, "ecr:GetAuthorizationToken") }) },
      {},
      ["service prod/web: pull problem", "service prod/web: pull problem", "service prod/web: pull warning"],
    ],
    [
      "a role that may not log in",
      { findRole: async (arn) => ({ seen: roleOf(arn, "ecr:B*") }) },
      {},
      ["service prod/web: login problem", "service prod/web: pull problem"],
    ],
  ])("with %s", async (_, given, scope, expected) => {
    expect(await said(ecs(given, scope))).toEqual(expected);
  });

  test("instances that were not seen are why nobody knows with which role they pull", async () => {
    const given = { ...onInstances, ...definition({}), listInstances: async () => ({ unseen }) };
    const findings = await Array.fromAsync(ecs(given));
    const unknown = findings.filter(({ verdict }) => verdict === "unknown");
    expect(unknown.map(({ check }) => check)).toEqual(["container-instances", "role"]);
    for (const { evidence } of unknown) expect(evidence["action"]).toBe(unseen.action);
  });

  test("tags of a repository are looked at where a policy asks for them, and only there", async () => {
    const asked: string[] = [];
    const findTags: Look["findTags"] = async ({ repository }) => {
      asked.push(repository);
      return { seen: { team: "shop" } };
    };
    expect(await said(ecs({ findTags }))).toEqual([]);
    expect(asked).toEqual([]);
    const Condition = { StringEquals: { "ecr:ResourceTag/team": "shop" } };
    const ofTeam = {
      Effect: "Allow",
      Action: ["ecr:BatchGetImage", "ecr:*Layer*"],
      Resource: "*",
      Condition,
    };
    const login = { Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" };
    const seen = { Version: "2012-10-17", Statement: [ofTeam, login] };
    const findRole: Look["findRole"] = async (arn) => ({
      seen: { ...roleOf(arn), identity: [{ name: "p", document: { seen } }] },
    });
    expect(await said(ecs({ findTags, findRole }))).toEqual([]);
    expect(asked).toEqual(["prod/web"]);
  });

  test("each definition of a deployment under way is looked at, and tasks without a service too", async () => {
    const two = { ...web, taskDefinitions: ["a:task-definition/web:1", "a:task-definition/web:2"] };
    const task: EcsWorkload = { ...web, kind: "task", name: "batch:7" };
    const given = { listServices: async () => ({ seen: [two] }), listTasks: async () => ({ seen: [task] }) };
    const subjects = (await Array.fromAsync(ecs(given))).map(({ subject }) => subject);
    expect([...new Set(subjects)]).toEqual([
      "service prod/web (web:1)",
      "service prod/web (web:2)",
      "task prod/batch:7",
    ]);
  });
});
