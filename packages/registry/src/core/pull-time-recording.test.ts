import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anImage } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

const repositoryName = "app";
const image = anImage();
const session = { account: "111122223333", arn: "arn:aws:sts::111122223333:assumed-role/reader/run-1" };
const role = "arn:aws:iam::111122223333:role/reader";
const DAY = 24 * 60 * 60 * 1000;

let server: RegistryServer;
let admin: RegistryClient;

async function start(limits = {}): Promise<void> {
  server = await startRegistryServer({ limits });
  admin = clientOf(server);
  await admin.api("CreateRepository", { repositoryName });
  await admin.push(repositoryName, image, "1");
}
beforeEach(() => start());
afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function pullTime(): Promise<unknown> {
  const { body } = await admin.api("DescribeImages", { repositoryName });
  return body["imageDetails"]?.["0"]?.["lastRecordedPullTime"];
}
function advance(milliseconds: number): number {
  server.clock.now = new Date(server.clock.now.getTime() + milliseconds);
  return server.clock.now.getTime() / 1000;
}

/** The two ways to pull a manifest. */
const PULLS = {
  "GET of the manifest": (client: RegistryClient) =>
    client.v2({ method: "GET", path: "/v2/app/manifests/1" }),
  BatchGetImage: (client: RegistryClient) =>
    client.api("BatchGetImage", { repositoryName, imageIds: [{ imageDigest: image.digest }] }),
};

describe.each(Object.entries(PULLS))("the time of the last pull, by %s", (_, pull) => {
  test("is absent before, and follows every pull", async () => {
    expect(await pullTime()).toBeUndefined();
    for (const step of [1, 5_000]) {
      const at = advance(step);
      expect((await pull(admin)).status).toBe(200);
      expect(await pullTime()).toBe(at);
    }
  });

  test("does not move for the sessions of an excluded role, and moves again without the exclusion", async () => {
    const reader = clientOf(server, { caller: session });
    await admin.api("RegisterPullTimeUpdateExclusion", { principalArn: role });
    expect((await pull(reader)).status).toBe(200);
    expect(await pullTime()).toBeUndefined();
    await pull(admin);
    const byOther = await pullTime();
    expect(byOther).toBeDefined();
    await admin.api("DeregisterPullTimeUpdateExclusion", { principalArn: role });
    const at = advance(1000);
    await pull(reader);
    expect(await pullTime()).toBe(at);
  });

  test("is not guarded by an exclusion of another registry", async () => {
    const west = clientOf(server, { region: "us-west-2" });
    await west.api("RegisterPullTimeUpdateExclusion", { principalArn: role });
    await pull(clientOf(server, { caller: session }));
    expect(await pullTime()).toBeDefined();
  });
});

test("describing, listing, HEAD and layers are no pulls", async () => {
  await admin.api("ListImages", { repositoryName });
  await admin.v2({ method: "HEAD", path: "/v2/app/manifests/1" });
  const layer = JSON.parse(String(image.bytes)).layers[0].digest;
  expect((await admin.v2({ method: "GET", path: `/v2/app/blobs/${layer}` })).status).toBe(200);
  expect(await pullTime()).toBeUndefined();
});

test("HEAD of a manifest is a pull where that is chosen", async () => {
  server.registry.setSwitches({ headMovesPullTime: true });
  const at = advance(1000);
  expect((await admin.v2({ method: "HEAD", path: "/v2/app/manifests/1" })).status).toBe(200);
  expect(await pullTime()).toBe(at);
});

test("with ECR's granularity the time moves at most once a day", async () => {
  await server.close();
  await start({ pullTimeGranularity: DAY });
  const pull = () => PULLS.BatchGetImage(admin);
  await pull();
  const first = await pullTime();
  advance(DAY - 1);
  await pull();
  expect(await pullTime()).toBe(first);
  const at = advance(1);
  await pull();
  expect(await pullTime()).toBe(at);
});

test("a pull that is not written down yet survives a write that fails, and goes with its image", async () => {
  const at = advance(1000);
  await PULLS["GET of the manifest"](admin);
  const refused = await admin.v2({ method: "PUT", path: "/v2/app/manifests/2", body: Buffer.from("{}") });
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(await pullTime()).toBe(at);
  await PULLS["GET of the manifest"](admin);
  await admin.v2({ method: "DELETE", path: `/v2/app/manifests/${image.digest}` });
  await admin.push(repositoryName, image, "1");
  expect(await pullTime()).toBeUndefined();
});

test("a pull right before an orderly end is there afterwards", async () => {
  const at = advance(1000);
  await PULLS["GET of the manifest"](admin);
  await server.restart();
  expect(await pullTime()).toBe(at);
});
