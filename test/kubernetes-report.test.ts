import { afterEach, beforeEach, describe, expect, test } from "vitest";
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
