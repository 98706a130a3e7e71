import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { imageOfTag } from "../support/inventory.ts";
import { KubernetesApi } from "../support/kubernetes/kubernetes-api.ts";
import { clusterRole, mountedCommand, rolePolicy, settings } from "../support/kubernetes/manifest.ts";
import {
  aCronJob,
  aDeployment,
  aPod,
  aReplicaSet,
  aWorkload,
  ownedBy,
} from "../support/kubernetes/objects.ts";
import { aTokenFile, type Env, NODE, runReporter } from "../support/kubernetes/run-reporter.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { credentialsOf, type PushedManifest, RegistryClient } from "../support/registry-client.ts";
import { callTallyman } from "../support/run-tallyman.ts";
import { setPolicy, uriOf } from "../support/usage.ts";

const ROLE = "tallyman-reporter-shop";
const SCOPE = "shop";
const WEB = uriOf(EAST, "prod/web");

let product: Embedded;
let cluster: KubernetesApi;
let keys: Env;
const pushed = new Map<string, PushedManifest>();
const digestOf = (tag: string) => pushed.get(tag)?.digest ?? "";

beforeAll(async () => {
  [product, cluster] = await Promise.all([Embedded.start(), KubernetesApi.start()]);
  cluster.rules = clusterRole.rules;
  await createRepository(product.url, EAST, "prod/web");
  const client = await RegistryClient.login(product.url, EAST);
  for (const tag of ["1.0.0", "2.0.0", "3.0.0", "4.0.0", "unused"])
    pushed.set(tag, await client.pushImage("prod/web", tag, tag));
  for (const tag of pushed.keys()) await imageOfTag(product, EAST, "prod/web", tag);
  const principal = `arn:aws:iam::${EAST.account}:role/${ROLE}`;
  const source = { name: "kubernetes", principal, account: "444455556666", scopes: [SCOPE] };
  await setPolicy(product, { version: 1, usage: { sources: [source] } });
  keys = await assumed(ROLE);
});
afterAll(async () => {
  await cluster?.close();
  await product?.dispose();
});

/** The session of a new role with the permissions that the documentation gives it, as IRSA would hand it to the pod. */
async function assumed(RoleName: string): Promise<Env> {
  const options = { endpoint: product.url, region: EAST.region, credentials: credentialsOf(EAST.account) };
  const iam = new IAMClient(options);
  const sts = new STSClient(options);
  const trust = {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${EAST.account}:root` },
    Action: "sts:AssumeRole",
  };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  const PolicyDocument = JSON.stringify(rolePolicy);
  try {
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "report", PolicyDocument }));
    const RoleArn = `arn:aws:iam::${EAST.account}:role/${RoleName}`;
    const session = { RoleArn, RoleSessionName: "tallyman-reporter" };
    const { Credentials: given } = await sts.send(new AssumeRoleCommand(session));
    return {
      AWS_ACCESS_KEY_ID: given?.AccessKeyId ?? "",
      AWS_SECRET_ACCESS_KEY: given?.SecretAccessKey ?? "",
      AWS_SESSION_TOKEN: given?.SessionToken ?? "",
    };
  } finally {
    iam.destroy();
    sts.destroy();
  }
}

/** Runs what the CronJob's pod runs, with its settings but for the addresses. */
function report(more: Env = {}) {
  const [, ...args] = mountedCommand();
  const addresses = {
    TALLYMAN_ENDPOINT: product.url,
    KUBERNETES_API: cluster.url,
    KUBERNETES_TOKEN_FILE: aTokenFile(),
  };
  return runReporter({ ...settings, ...keys, ...addresses, ...more }, { command: [NODE, ...args] });
}

async function state() {
  const answer = await product.api.get(`/usage/kubernetes/${SCOPE}`);
  return answer.body as { sequence: number; subjects: number; suspect?: { sequence: number } };
}

async function inForce(after: number) {
  return product.until("the report is in force", async () => {
    const { sequence, ...rest } = await state();
    return sequence > after && { sequence, ...rest };
  });
}

/** What `tallyman where` says uses the image: `deployment/shop/web (running)`. */
async function usersOf(tag: string): Promise<readonly string[]> {
  const { stdout } = await callTallyman(["where", `prod/web:${tag}`, "--json"], product.url);
  const { items } = JSON.parse(stdout) as { items: { service: string; kinds: string[]; cluster: string }[] };
  return items.map((it) => `${it.service} of ${it.cluster} (${it.kinds.join()})`).toSorted();
}

/** A Deployment at 2.0.0 whose 1.0.0 can come back, a StatefulSet scaled to zero, a suspended CronJob, a pod of old. */
function fillCluster(): void {
  const web = { containers: [{ image: `${WEB}:2.0.0` }] };
  const before = { containers: [{ image: `${WEB}:1.0.0` }] };
  cluster.objects.set("deployments", [aDeployment({ name: "web" }, web)]);
  cluster.objects.set("replicasets", [
    aReplicaSet({ name: "web-1", owner: ownedBy("Deployment", "web") }, before, { revision: 1 }),
    aReplicaSet({ name: "web-2", owner: ownedBy("Deployment", "web") }, web, { revision: 2, replicas: 1 }),
  ]);
  const running = { containers: [{ image: `${WEB}:2.0.0`, imageID: `${WEB}@${digestOf("2.0.0")}` }] };
  cluster.objects.set("pods", [aPod({ name: "web-2-x", owner: ownedBy("ReplicaSet", "web-2") }, running)]);
  const byDigest = { init: [{ image: `${WEB}@${digestOf("3.0.0")}` }], containers: [{ image: "busybox" }] };
  cluster.objects.set("statefulsets", [aWorkload("StatefulSet", { name: "db" }, byDigest)]);
  cluster.objects.set("cronjobs", [
    aCronJob({ name: "nightly" }, { containers: [{ image: `${WEB}:4.0.0` }] }),
  ]);
}

test("what the cluster runs and would start is in use, and nothing else", async () => {
  fillCluster();
  expect(await report()).toMatchObject({ code: 0 });
  await inForce(0);
  expect(await usersOf("1.0.0")).toEqual(["deployment/shop/web of shop (template)"]);
  expect(await usersOf("2.0.0")).toEqual([
    "deployment/shop/web of shop (running)",
    "deployment/shop/web of shop (template)",
  ]);
  expect(await usersOf("3.0.0")).toEqual(["statefulset/shop/db of shop (template)"]);
  expect(await usersOf("4.0.0")).toEqual(["cronjob/shop/nightly of shop (scheduled)"]);
  expect(await usersOf("unused")).toEqual([]);
  const { stdout } = await callTallyman(["usage", "status", "kubernetes"], product.url);
  expect(stdout).toMatch(/shop +444455556666 +in force/);
});

test("a later report has a higher number, and takes back what is gone", async () => {
  const { sequence } = await state();
  cluster.objects.set("cronjobs", []);
  expect(await report()).toMatchObject({ code: 0 });
  await inForce(sequence);
  const { items } = JSON.parse(
    (await callTallyman(["where", "prod/web:4.0.0", "--json"], product.url)).stdout,
  );
  expect(items).toMatchObject([{ service: "cronjob/shop/nightly", endedAt: expect.any(String) }]);
});

test.each([
  [
    "who is not bound to the source",
    async () => ({ ...(await assumed("tallyman-reporter-other")) }),
    /binds it|needs the right/,
  ],
  ["another source than its role is for", async () => ({ TALLYMAN_SOURCE: "nomad" }), /403/],
  ["a scope that the policy does not name", async () => ({ TALLYMAN_CLUSTER: "elsewhere" }), /scope/],
])("a reporter of %s is refused, and nothing changes", async (_, more, why) => {
  const before = await state();
  const run = await report(await more());
  expect(run).toMatchObject({ code: 1, stdout: "" });
  expect(run.stderr).toMatch(why);
  await product.atRest();
  expect(await state()).toMatchObject({ sequence: before.sequence, subjects: before.subjects });
});

test("a cluster that fails half way is not reported, and what was known stays", async () => {
  const before = await state();
  cluster.instead = (resource) => (resource === "pods" ? "hang up" : undefined);
  expect(await report()).toMatchObject({ code: 1, stdout: "" });
  cluster.instead = () => undefined;
  await product.atRest();
  expect(await state()).toMatchObject({ sequence: before.sequence });
  expect(await usersOf("2.0.0")).toHaveLength(2);
});

test("a cluster that is suddenly empty is suspect, until a person believes it", async () => {
  const before = await state();
  cluster.objects.clear();
  expect(await report()).toMatchObject({ code: 0 });
  const { suspect } = await product.until("the report is suspect", async () => {
    const now = await state();
    return now.suspect && now;
  });
  expect(await state()).toMatchObject({ sequence: before.sequence });
  expect(await usersOf("2.0.0")).toHaveLength(2);
  expect(await report()).toMatchObject({ code: 0 });
  const next = await product.until("a later report is suspect", async () => {
    const now = await state();
    return (now.suspect?.sequence ?? 0) > (suspect?.sequence ?? 0) && now.suspect;
  });
  const accept = ["usage", "accept", "kubernetes", SCOPE, "--sequence", `${next.sequence}`];
  expect(await callTallyman(accept, product.url)).toMatchObject({ code: 0 });
  expect(await inForce(before.sequence)).toMatchObject({ sequence: next.sequence, subjects: 0 });
});
