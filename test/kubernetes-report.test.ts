import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { applyReport } from "@tallyman/domain/usage/apply-report";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { aDigest } from "./builders/digest.ts";
import { aDeployment, aPod, aReplicaSet, ownedBy } from "./support/kubernetes/objects.ts";
import { Reporting } from "./support/kubernetes/reporting.ts";

const HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
const WEB = `${HOST}/prod/web`;

let reporting: Reporting;
beforeEach(async () => {
  reporting = await Reporting.start();
});
afterEach(() => reporting.close());

test("what runs and what would be started is one complete report, signed, stored and queued", async () => {
  const { kubernetes, server, api } = reporting;
  const digest = aDigest("web 1");
  const image = `${WEB}:1.0.0`;
  kubernetes.objects.set("deployments", [aDeployment({ name: "web" }, { containers: [{ image }] })]);
  const replicaSet = { name: "web-1", owner: ownedBy("Deployment", "web") };
  kubernetes.objects.set("replicasets", [
    aReplicaSet(replicaSet, { containers: [{ image }] }, { replicas: 1, revision: 1 }),
  ]);
  const pod = { name: "web-1-x", owner: ownedBy("ReplicaSet", "web-1") };
  kubernetes.objects.set("pods", [aPod(pod, { containers: [{ image, imageID: `${WEB}@${digest}` }] })]);
  const before = Date.now();
  const run = await reporting.run();
  expect(run).toMatchObject({ code: 0, stdout: "" });
  expect(run.stderr).toContain("is sent: 2 uses of images in 0 cronjobs, 1 deployments");
  expect(server.requests).toEqual(["GET /api/v1/usage/kubernetes?limit=100", "PUT /api/v1/usage/kubernetes"]);
  expect(server.callers.map((it) => [it.service, it.region])).toEqual([
    ["execute-api", "us-east-1"],
    ["execute-api", "us-east-1"],
  ]);
  const [sequence] = reporting.queued;
  const stored = await api.usage.snapshots.findSnapshot("kubernetes", "shop", Number(sequence));
  const common = {
    account: "444455556666",
    region: "us-east-1",
    cluster: "shop",
    service: "deployment/shop/web",
  };
  expect(stored?.items).toEqual([
    { image, kind: "template", ...common },
    { image, digest, kind: "running", ...common },
  ]);
  expect(Date.parse(stored?.observedAt ?? "")).toBeGreaterThanOrEqual(before);
});

describe("a cluster of many pages", () => {
  test("is read page by page, every object once", async () => {
    reporting.kubernetes.objects.set(
      "pods",
      Array.from({ length: 501 }, (_, n) =>
        aPod({ name: `p${n}` }, { containers: [{ image: `${WEB}:${n}` }] }),
      ),
    );
    const { items } = await reporting.dryRun();
    expect(items.map((it) => it.image)).toEqual(Array.from({ length: 501 }, (_, n) => `${WEB}:${n}`));
    const asked = reporting.kubernetes.requests.filter((it) => it.startsWith("GET /api/v1/pods?"));
    expect(asked.map((it) => it.includes("continue="))).toEqual([false, true, true]);
  });
});

describe("the number of a report", () => {
  const NOW = new Date();
  const inForce = async (sequence: number, scope = "shop", items: readonly string[] = []) => {
    const receivedAt = NOW.toISOString();
    const known = { source: "kubernetes", account: "444455556666", scope, sequence, observedAt: receivedAt };
    const uses = items.map((image) => ({
      image,
      kind: "running" as const,
      account: "444455556666",
      service: "x",
    }));
    return applyReport(
      reporting.api.usage,
      { ...known, receivedAt, items: uses },
      { now: NOW, keepDays: 30 },
    );
  };

  test("of the first one is of the clock, so that one which is stored and not applied has another", async () => {
    const from = Math.floor(Date.now() / 1000);
    const { sequence } = await reporting.dryRun();
    expect(sequence).toBeGreaterThanOrEqual(from);
    expect(sequence).toBeLessThanOrEqual(Date.now() / 1000);
  });

  test("is above that of the report in force, though the clock went back", async () => {
    await inForce(9_000_000_000);
    expect((await reporting.dryRun()).sequence).toBe(9_000_000_001);
    expect(await reporting.run()).toMatchObject({ code: 0 });
    expect(reporting.queued).toEqual([9_000_000_001]);
  });

  test("is above that of a report which waits for a person", async () => {
    await inForce(9_000_000_000, "shop", [`${WEB}:1`]);
    expect((await inForce(9_000_000_007)).outcome).toBe("suspect");
    expect((await reporting.dryRun()).sequence).toBe(9_000_000_008);
  });

  test("is its scope's own, on whichever page of the source's scopes that is", async () => {
    for (let n = 0; n < 150; n++) await inForce(9_100_000_000 + n, `a-${String(n).padStart(3, "0")}`);
    expect((await reporting.dryRun({ TALLYMAN_CLUSTER: "a-149" })).sequence).toBe(9_100_000_150);
    expect(reporting.server.requests).toHaveLength(2);
    expect((await reporting.dryRun()).sequence).toBeLessThan(9_000_000_000);
  });

  test("is taken before anything is listed: what another reported meanwhile is not replaced", async () => {
    await inForce(9_000_000_000);
    reporting.kubernetes.instead = (resource) => {
      if (resource === "pods") meanwhile ??= inForce(9_000_000_001, "shop", [`${WEB}:1`]);
      return undefined;
    };
    let meanwhile: ReturnType<typeof inForce> | undefined;
    const run = await reporting.run();
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("409 Report 9000000001 of shop is known already");
    expect((await meanwhile)?.outcome).toBe("in-force");
    expect(reporting.queued).toEqual([]);
  });
});

describe("what the API says is said", () => {
  test("of a name that looks like ECR's and is none: which workload's it is", async () => {
    const image = "1.dkr.ecr.us-east-1.amazonaws.com/web:1";
    reporting.kubernetes.objects.set("deployments", [
      aDeployment({ name: "typo" }, { containers: [{ image }] }),
    ]);
    const run = await reporting.run();
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(/400 items\.0\.image: not the name of an image/);
    expect(run.stderr).toContain(`items.0 is "${image}" of deployment/shop/typo`);
    expect(reporting.queued).toEqual([]);
  });

  test("of a principal that the source is not bound to", async () => {
    const run = await reporting.run({ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(
      /refused PUT .*: 403 .*user\/test may not report as "kubernetes".*usage\.sources/,
    );
  });

  test("of a key that it does not know", async () => {
    const run = await reporting.run({ AWS_SECRET_ACCESS_KEY: "guessed" });
    reporting.expectNothingReported(run, /refused GET .*: 403/);
  });

  test("of a source that the policy does not have", async () => {
    const run = await reporting.run({ TALLYMAN_SOURCE: "nomad" });
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/refused GET .*nomad: 40[34]/);
  });

  test.each<[string, number, string, RegExp]>([
    ["no JSON", 200, "<html>", /not JSON: <html>/],
    ["no items", 200, '{"items":7}', /items is no list/],
    ["a scope without number", 200, '{"items":[{"scope":"shop"}]}', /no number of the report in force/],
    ["a redirect", 307, "", /refused GET .*: 307/],
    ["a gateway's error", 502, "bad gateway", /refused GET .*: 502 bad gateway/],
  ])("of another server, which answers with %s", async (_, code, body, why) => {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(request.method ?? "");
      response.writeHead(code, { location: reporting.server.url }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const TALLYMAN_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    reporting.expectNothingReported(await reporting.run({ TALLYMAN_ENDPOINT }), why);
    expect(requests).toEqual(["GET"]);
  });
});
