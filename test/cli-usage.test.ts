import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Policy } from "@tallyman/domain/policy/policy";
import { applyReport } from "@tallyman/domain/usage/apply-report";
import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import type { UsageItem } from "@tallyman/domain/usage/evidence";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { aDigest } from "./builders/digest.ts";
import { anImageRecord, aSummary, aTagPointer } from "./builders/records.ts";
import { HUB } from "./builders/registry.ts";
import { type MemoryApi, memoryApi } from "./fakes/memory-api.ts";
import { type ApiServer, startApiServer } from "./support/api-server.ts";
import { callTallyman } from "./support/run-tallyman.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NOW = new Date("2026-11-21T12:00:00.000Z");
const SCOPE = "eks/shop";
const A = aDigest("A");
const REPORTER = "arn:aws:iam::111122223333:user/test";
const folder = mkdtempSync(join(tmpdir(), "tallyman-usage-"));
let api: MemoryApi;
let server: ApiServer;
const call = (...args: string[]) => callTallyman(args, server.url);

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  api = memoryApi();
  const sources = [{ name: "kubernetes", account: "111122223333", principal: REPORTER }];
  api.usagePolicy.current = Policy.parse({ version: 1, usage: { sources } }).usage;
  server = await startApiServer(api);
  await api.inventory.summaries.putSummary(aSummary());
  await api.inventory.images.putImage(anImageRecord({ digest: A }));
  await api.inventory.tags.moveTag(undefined, aTagPointer({ digest: A, tag: "1.0.0" }));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
  await server.close();
});

function anItem(digest: string, more: Partial<UsageItem> = {}): UsageItem {
  const image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/prod/web:1.0.0";
  const place = { account: "111122223333", cluster: "shop", service: "deployment/shop/web" };
  return { image, digest, kind: "running", ...place, ...more };
}

const observedAt = "2026-11-21T11:30:00.000Z";

async function apply(sequence: number, items: readonly UsageItem[], scope = SCOPE): Promise<void> {
  const about = { source: "kubernetes", scope, account: "111122223333" };
  const report = { ...about, sequence, observedAt, receivedAt: NOW.toISOString(), items: [...items] };
  await applyReport(api.usage, report, { now: NOW, keepDays: 30 });
}

function aFile(content: unknown): string {
  const path = join(folder, `report-${Math.random()}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("tallyman usage", () => {
  test("report sends a file as it is, and says whether it was taken", async () => {
    const report = { scope: SCOPE, sequence: 7, complete: true, observedAt, items: [anItem(A)] };
    const sent = await call("usage", "report", aFile(report), "--source", "kubernetes");
    expect(sent).toMatchObject({
      code: 0,
      stdout: "report 7 of kubernetes for eks/shop is stored: 1 item\n",
    });
    expect(await api.usage.snapshots.findSnapshot("kubernetes", SCOPE, 7)).toMatchObject({
      items: [{ digest: A }],
    });
    const json = await call("usage", "report", aFile(report), "--source", "kubernetes", "--json");
    expect(JSON.parse(json.stdout)).toEqual({ source: "kubernetes", scope: SCOPE, sequence: 7, items: 1 });
  });

  test.each([
    ["is not JSON", "{", "kubernetes", 1, "is not JSON"],
    ["is no report", "{}", "kubernetes", 2, "scope: is missing"],
    ["is of a source that the policy does not have", "{}", "mesos", 1, "usage.sources"],
  ])("report of a file that %s fails and says why", async (_, content, source, code, words) => {
    const { stderr, ...refused } = await call("usage", "report", aFile(content), "--source", source);
    expect(refused.code).toBe(code);
    expect(stderr).toContain(words);
  });

  test("report of a file that is not there says so; without a source it is wrong usage", async () => {
    const none = await call("usage", "report", join(folder, "none.json"), "--source", "kubernetes");
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be read") });
    expect((await call("usage", "report", "x.json")).code).toBe(2);
  });

  test("status says once for each reason what is blocked and what ends it", async () => {
    const { code, stdout } = await call("usage", "status");
    expect(code).toBe(0);
    expect(stdout).toContain("sources  5 of 5 scopes in doubt\nblocked  1 repository\n");
    expect(stdout).toContain(
      "ecs for 111122223333/us-east-1 has never reported [never-reported]\n  blocks  prod/web (111122223333/us-east-1)\n  remedy  It is collected within the hour",
    );
    const json = JSON.parse((await call("usage", "status", "--json")).stdout);
    expect(json).toMatchObject({
      truncated: false,
      sources: { scopes: 5, inDoubt: 5 },
      items: [{ repository: "prod/web", doubts: expect.any(Array) }],
    });
  });

  test("status of a source lists its scopes, and accept believes one of its reports", async () => {
    await apply(8, [anItem(A), ...Array.from({ length: 9 }, (_, n) => anItem(aDigest(`${n}`)))]);
    await apply(9, []);
    const before = await call("usage", "status", "kubernetes");
    expect(before.stdout).toMatch(/eks\/shop\s+111122223333\s+suspect\s+8\s+30 min\s+10/);
    expect(before.stderr).toContain("tallyman usage accept kubernetes eks/shop --sequence 9");
    expect(await call("usage", "accept", "kubernetes", SCOPE, "--sequence", "8")).toMatchObject({ code: 1 });
    const accepted = await call(
      "usage",
      "accept",
      "kubernetes",
      SCOPE,
      "--sequence",
      "9",
      "--reason",
      "moved",
    );
    expect(accepted).toMatchObject({
      code: 0,
      stdout: "report 9 of kubernetes for eks/shop is accepted\n",
    });
    expect(api.usageJobs.at(-1)).toMatchObject({ kind: "apply", sequence: 9 });
    expect((await call("usage", "status", "mesos")).code).toBe(1);
  });

  test("accept without the report's number is wrong usage", async () => {
    expect((await call("usage", "accept", "kubernetes", SCOPE)).code).toBe(2);
    expect((await call("usage", "accept", "kubernetes", SCOPE, "--sequence", "0")).code).toBe(2);
  });
});

describe("tallyman where", () => {
  beforeAll(async () => {
    const api = anItem(A, { service: "deployment/shop/api", kind: "template" });
    await apply(1, [anItem(A), api], "eks/other");
  });

  test.each([
    ["a tag", "prod/web:1.0.0"],
    ["a digest", A],
    ["the beginning of a digest in its repository", `prod/web@${A.slice(0, 19)}`],
    ["what docker calls it", "111122223333.dkr.ecr.us-east-1.amazonaws.com/prod/web:1.0.0"],
  ])("says by %s where an image is used, since when, and what is not known", async (_, name) => {
    const { code, stdout, stderr } = await call("where", name);
    expect(code).toBe(0);
    const [head, first] = stdout.split("\n");
    expect(head).toMatch(/^ACCOUNT\s+CLUSTER\s+SERVICE\s+USES\s+AS\s+SOURCE\s+FIRST SEEN\s+LAST SEEN$/);
    expect(first).toContain("111122223333  shop     deployment/shop/api");
    expect(stdout).toContain("2026-11-21 11:30:00Z");
    expect(stderr).toContain("not all of what runs of prod/web of 111122223333/us-east-1 is known");
  });

  test("as JSON names the digests, the uses and the doubts", async () => {
    const json = JSON.parse((await call("where", "prod/web:1.0.0", "--json")).stdout);
    expect(json).toMatchObject({
      digests: [A],
      truncated: false,
      doubts: [{ repository: "prod/web" }],
    });
    expect(json.items.some((it: { service: string }) => it.service === "deployment/shop/web")).toBe(true);
  });

  test("names the clusters in which Inspector sees it, or why it does not", async () => {
    const digest = aDigest("inspected");
    const image = `111122223333.dkr.ecr.us-east-1.amazonaws.com/prod/web@${digest}`;
    const about = { source: "inspector", scope: "111122223333/us-east-1", account: "111122223333" };
    const items = [anItem(digest, { image, cluster: undefined, service: "inspected/prod/web" })];
    const report = { ...about, sequence: 1, observedAt, receivedAt: NOW.toISOString(), items };
    await applyReport(api.usage, report, { now: NOW, keepDays: 30 });
    const seen = { lastInUse: observedAt, running: 2, stopped: 0 };
    const clusterArn = (name: string) => `arn:aws:ecs:us-east-1:111122223333:cluster/${name}`;
    api.inspector.ask = async () => ({
      clusters: [
        { clusterArn: clusterArn("prod"), ...seen, workloads: ["service:web"] },
        { clusterArn: clusterArn("shop"), ...seen, workloads: ["shop/Deployment/web"] },
      ],
      complete: true,
    });
    expect((await call("where", digest)).stdout).toMatch(
      /^111122223333 +prod, shop +service:web, shop\/Deployment\/web .* inspector /m,
    );
    api.inspector.ask = () =>
      Promise.reject(
        new UsageUnavailableError(HUB, { action: "inspector2:GetClustersForImage", refused: true }),
      );
    const unknown = await call("where", digest);
    expect(unknown.stdout).toMatch(/^111122223333 +not known +inspected\/prod\/web /m);
    expect(unknown.stderr).toContain(
      "Inspector named no clusters: The reader role may not inspector2:GetClustersForImage",
    );
  });

  test("of what is not known fails and says so", async () => {
    expect(await call("where", aDigest("nobody's"))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Nothing is known to hold or to use"),
    });
    expect((await call("where", "prod/web")).code).toBe(2);
    expect((await call("where", A, "--registry", "111122223333/us-east-1")).code).toBe(2);
  });
});
