import type { EcsDoctorLook } from "../examine-ecs.ts";
import type { LambdaDoctorLook } from "../examine-lambda.ts";
import type { EcsWorkload, FunctionFacts, LookedPolicy, Place, RoleFacts } from "../facts.ts";
import type { DoctorFinding } from "../finding.ts";
import type { RepositorySettingsLook } from "../ports.ts";

export const place: Place = { account: "111122223333", region: "us-east-1", partition: "aws" };
export const DIGEST = `sha256:${"0f".repeat(32)}`;
export const OTHER = `sha256:${"1e".repeat(32)}`;
export const HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
export const image = {
  digest: DIGEST,
  tags: ["1"],
  status: "ACTIVE",
  mediaType: "application/vnd.oci.image.manifest.v1+json",
} as const;
export const unseen = { action: "x:Look", reason: "x:Look: AccessDenied", refused: true };
export const arnOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

function policy(name: string, Statement: object): LookedPolicy {
  return { name, document: { seen: { Version: "2012-10-17", Statement: [Statement] } } };
}

/** A role that may pull everything, and that every service may assume. */
export function roleOf(arn: string, Action: unknown = "ecr:*"): RoleFacts {
  const Principal = { Service: ["ecs-tasks", "ec2", "lambda"].map((it) => `${it}.amazonaws.com`) };
  return {
    arn,
    name: arn.split("/").at(-1) ?? "",
    trust: policy("trust", { Effect: "Allow", Principal, Action: "sts:AssumeRole" }),
    identity: [policy("p", { Effect: "Allow", Action, Resource: "*" })],
    tags: {},
  };
}

export const web: EcsWorkload = {
  ...{ kind: "service", cluster: "prod", name: "web", launchType: "FARGATE" },
  taskDefinitions: ["arn:aws:ecs:us-east-1:111122223333:task-definition/web:1"],
};
export const FN: FunctionFacts = {
  ...{ name: "resize", version: "1", role: arnOf("fn"), image: `${HOST}/prod/web:1` },
  arn: "arn:aws:lambda:us-east-1:111122223333:function:resize",
  resolvedImage: `${HOST}/prod/web@${DIGEST}`,
};

export type Look = EcsDoctorLook & LambdaDoctorLook & RepositorySettingsLook;

/** An account in which all is well, but for what is given. */
export function account(given: Partial<Look> = {}): Look {
  const lambda = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "ecr:*" };
  return {
    listClusters: async () => ({ seen: ["prod"] }),
    findCluster: async (name) => ({ seen: name === "prod" ? name : undefined }),
    listServices: async () => ({ seen: [web] }),
    findService: async ({ name }) => ({ seen: name === "web" ? web : undefined }),
    listTasks: async () => ({ seen: [] }),
    listInstances: async () => ({ seen: [] }),
    findTaskDefinition: async () => ({
      seen: {
        name: "web:1",
        executionRole: arnOf("task"),
        containers: [{ name: "main", image: `${HOST}/prod/web:1` }],
      },
    }),
    findRole: async (arn) => ({ seen: roleOf(arn) }),
    findInstanceRole: async () => ({ seen: arnOf("instance") }),
    findMutability: async () => ({ seen: { setting: "IMMUTABLE", exclusions: [] } }),
    findImage: async () => ({ seen: image }),
    findPolicy: async () => ({ seen: JSON.stringify({ Version: "2012-10-17", Statement: [lambda] }) }),
    findTags: async () => ({ seen: {} }),
    findCachePrefixes: async () => ({ seen: [] }),
    listFunctions: async () => ({ seen: [{ seen: FN }] }),
    listRepositories: async () => ({ seen: ["prod/web"] }),
    findRegistryPolicy: async () => ({ seen: undefined }),
    findScanFrequency: async () => ({ seen: "SCAN_ON_PUSH" }),
    hasLifecyclePolicy: async () => ({ seen: true }),
    ...given,
  };
}

export async function said(findings: AsyncIterable<DoctorFinding>): Promise<readonly string[]> {
  const all = await Array.fromAsync(findings);
  return all
    .filter(({ verdict }) => verdict !== "ok")
    .map(({ subject, check, verdict }) => `${subject}: ${check} ${verdict}`);
}
