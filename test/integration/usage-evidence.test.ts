import { SetRepositoryPolicyCommand } from "@aws-sdk/client-ecr";
import { registryName } from "@tallyman/domain/registry/registry";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deadLetters } from "../chaos/support/dead-letters.ts";
import type { Item } from "../support/admin-api.ts";
import { Embedded } from "../support/embedded.ts";
import { sendTo } from "../support/iam/queues.ts";
import { createRepository, EAST, OTHER, withEcr } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { putReport, reporterRole, roleArn } from "../support/reporter.ts";
import { halfCollected, setPolicy, uriOf, useEverywhere } from "../support/usage.ts";

// What runs, from tasks that pulled what a client pushed, through events, collectors and reports, to what people are told.

let product: Embedded;
let digest = "";
let idle = "";
beforeAll(async () => {
  product = await Embedded.start();
  const client = await RegistryClient.login(product.url, OTHER);
  for (const repository of ["prod/web", "prod/idle"]) await createRepository(product.url, OTHER, repository);
  digest = (await client.pushImage("prod/web", "1.0.0", "the image")).digest;
  idle = (await client.pushImage("prod/idle", "1.0.0", "another image")).digest;
  await createRepository(product.url, EAST, "prod/shared");
  await createRepository(product.url, EAST, "prod/own");
  await product.atRest();
});
afterAll(() => product?.dispose());

const collect = async () => {
  await product.control("POST", "run/usage?wait=0");
  await product.atRest();
};
const usesOf = async (of = digest): Promise<readonly Item[]> => product.api.list(`/images/${of}/usage`);
const sourcesOf = async () => new Set((await usesOf()).map(({ source }) => source));
const scopeOf = async (source: string, at = OTHER): Promise<Item> =>
  (await product.api.get(`/usage/${source}/${registryName(at)}`)).body;
const reasonsOf = async (repository: string): Promise<readonly unknown[]> => {
  const blocked = (await product.api.list("/usage")).find((it) => it["repository"] === repository);
  return ((blocked?.["doubts"] ?? []) as readonly Item[]).map(({ why }) => why);
};

test("a task's image is in use as soon as it runs, and where, since when and by what is known", async () => {
  expect(await usesOf()).toEqual([]);
  expect(await reasonsOf("prod/web")).toEqual(
    expect.arrayContaining(["never-reported", "consumers-unknown"]),
  );
  await useEverywhere(product, OTHER, uriOf(OTHER, "prod/web:1.0.0"));
  await product.atRest();
  expect(await usesOf()).toMatchObject([
    {
      source: "ecs-events",
      account: OTHER.account,
      cluster: "shop",
      service: "task-definition-family/shop-web",
      via: "digest",
      digest,
      kinds: ["running"],
      firstSeen: expect.any(String),
      lastSeen: expect.any(String),
    },
  ]);
});

test("collectors complete it: services, timers, functions; then nothing is blocked", async () => {
  await collect();
  expect(await sourcesOf()).toEqual(new Set(["ecs-events", "ecs", "lambda"]));
  const kinds = (await usesOf()).flatMap((use) => use["kinds"] as readonly string[]);
  expect(new Set(kinds)).toEqual(new Set(["running", "template", "scheduled", "version"]));
  expect(await product.api.list("/usage")).toEqual([]);
  expect(await usesOf(digest)).not.toEqual([]);
  expect(await deadLetters(product)).toBe(0);
});

test("a source that fails blocks the repositories of its consumers, and no others, until it answers again", async () => {
  const statement = {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${OTHER.account}:root` },
    Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
  };
  const policyText = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const share = new SetRepositoryPolicyCommand({ repositoryName: "prod/shared", policyText });
  await withEcr(product.url, EAST, (ecr) => ecr.send(share));
  await collect();
  const refused = { status: 400, code: "AccessDeniedException", registry: registryName(OTHER) };
  await product.control("POST", "faults", { operations: { "ecs:ListClusters": refused } });
  await product.control("POST", "run/usage?wait=0");
  await product.until("the failure is told", async () => (await scopeOf("ecs"))["failure"] !== undefined);
  const failing = await product.api.list("/usage");
  expect(failing.map(({ repository }) => repository).toSorted()).toEqual([
    "prod/idle",
    "prod/shared",
    "prod/web",
  ]);
  for (const { doubts } of failing)
    expect(doubts).toMatchObject([{ why: "failed", consumer: OTHER.account, remedy: expect.any(String) }]);
  expect(await sourcesOf()).toContain("ecs");
  await product.control("POST", "faults", {});
  await product.until("it answers again", async () => {
    await product.control("POST", "clock", { advance: "PT1M" });
    return (await product.api.list("/usage")).length === 0;
  });
  expect(await deadLetters(product)).toBe(0);
});

test("a fleet that is gone at once is suspect and stays in use, until a person believes it", async () => {
  const { account, region } = OTHER;
  const sources = [{ name: "swarm", account, principal: roleArn("swarm-reporter") }];
  await setPolicy(product, { version: 1, usage: { sources } });
  const credentials = await reporterRole(product, "swarm-reporter");
  const uses = Array.from({ length: 3 }, (_, n) => ({
    ...{ image: uriOf(OTHER, `prod/web@${digest}`), kind: "running", account, region, cluster: "swarm" },
    service: `stack/${n}`,
  }));
  const report = async (sequence: number, items: readonly object[]) => {
    const observedAt = (await product.control("GET", "clock"))["now"];
    const body = { scope: "all", sequence, complete: true, observedAt, items };
    const answer = await putReport(product, "swarm", { body, credentials });
    expect(answer.status).toBe(202);
    await product.atRest();
    return (await product.api.get("/usage/swarm/all")).body;
  };
  expect(await report(1, uses)).toMatchObject({ sequence: 1, subjects: 1, doubts: [] });
  expect(await report(2, [])).toMatchObject({ sequence: 1, suspect: { sequence: 2 } });
  expect(await reasonsOf("prod/idle")).toEqual(["suspect"]);
  const ofSwarm = async () => (await usesOf()).filter(({ source }) => source === "swarm");
  expect(await ofSwarm()).toHaveLength(3);
  const accepted = { scope: "all", sequence: 2, reason: "it was switched off" };
  expect((await product.api.post("/usage/swarm/accept", accepted)).status).toBe(202);
  await product.atRest();
  expect((await product.api.get("/usage/swarm/all")).body).toMatchObject({ sequence: 2, doubts: [] });
  // What ended counts for a day yet.
  for (const use of await ofSwarm()) expect(use).toMatchObject({ endedAt: expect.any(String) });
  expect(await ofSwarm()).toHaveLength(3);
  const audit = await product.api.list("/audit");
  expect(audit.map(({ action }) => action)).toContain("usage.accepted");
});

test("a collection goes on with what its bucket holds, also after the process was killed", async () => {
  const half = { image: uriOf(OTHER, "prod/idle:1.0.0"), kind: "template", account: OTHER.account };
  const items = [{ ...half, cluster: "shop", service: "service/half" }];
  const job = await halfCollected(product, { at: OTHER, source: "ecs", items });
  const failing = { status: 500, code: "ServiceException", registry: registryName(OTHER) };
  await product.control("POST", "faults", { operations: { "ecs:ListClusters": failing } });
  await sendTo(product.url, "UsageQueue.fifo", job);
  await product.until("it fails", async () => (await scopeOf("ecs"))["failure"] !== undefined);
  await product.stop("SIGKILL");
  product = await Embedded.start(["--no-demo"], product.directory);
  await product.until("it is whole", async () => {
    await product.control("POST", "clock", { advance: "PT1M" });
    return (await usesOf(idle)).some(({ service }) => service === "service/half");
  });
  expect(await scopeOf("ecs")).not.toHaveProperty("failure");
  expect(await deadLetters(product)).toBe(0);
});
