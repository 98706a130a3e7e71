import type { MetricReading } from "@tallyman/cloud/metrics/metrics";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Item } from "../support/admin-api.ts";
import { Embedded } from "../support/embedded.ts";
import { imageOfTag } from "../support/inventory.ts";
import { createRepository, WEST } from "../support/registries.ts";
import { type PushedManifest, RegistryClient } from "../support/registry-client.ts";
import { committedSnapshots, type Snapshots, snapshotFolder } from "../support/snapshots.ts";

const RULE = "aws:cloudwatch/eventRule:EventRule";
const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
const REPOSITORY = "prod/web";
const TAG = "1.4.2";

/** The member stack without its rules on the default bus, and without the targets that belong to them. */
function withoutForwarding({ hub, member }: Snapshots): Snapshots {
  const { [RULE]: rules, [TARGET]: targets, ...resources } = member.resources;
  const names = Object.keys(rules ?? {});
  if (names.length === 0 || !names.every((name) => name.startsWith("Forward")))
    throw new Error("the member stack has other rules than those that forward");
  if (Object.keys(targets ?? {}).length !== names.length) throw new Error("not every rule has one target");
  return { hub, member: { ...member, resources } };
}

async function push(product: Embedded): Promise<PushedManifest> {
  await createRepository(product.url, WEST, REPOSITORY);
  return (await RegistryClient.login(product.url, WEST)).pushImage(REPOSITORY, TAG, "forwarded or not");
}

async function repairs(product: Embedded): Promise<readonly Item[]> {
  const entries = await product.api.list("/audit");
  return entries.filter((entry) => entry["action"] === "inventory.repaired");
}

async function differencesFound(product: Embedded): Promise<readonly Item[]> {
  const metrics = (await product.control("GET", "metrics"))["metrics"] as readonly Item[];
  return metrics.filter((metric) => metric["name"] === "DifferencesFound");
}

/** What the answer to a run says was found, by kind. */
function differencesIn(report: Readonly<Record<string, unknown>>): Record<string, number> {
  expect(report).toMatchObject({ schedule: expect.any(String), idle: true });
  const metrics = report["metrics"] as readonly MetricReading[];
  const found = metrics.filter(({ name }) => name === "DifferencesFound");
  return Object.fromEntries(found.map(({ dimensions, sum }) => [dimensions["kind"] ?? "", sum]));
}

async function summary(product: Embedded): Promise<Item | undefined> {
  const all = await product.api.list("/repositories");
  return all.find((item) => item["region"] === WEST.region && item["repository"] === REPOSITORY);
}

describe("a member stack without its forwarding rule", () => {
  const folder = snapshotFolder(withoutForwarding(committedSnapshots()));
  let product: Embedded;
  let pushed: PushedManifest;
  beforeAll(async () => {
    product = await Embedded.start(["--no-demo", "--snapshots", folder.path]);
    pushed = await push(product);
  });
  afterAll(async () => {
    await product?.dispose();
    folder.dispose();
  });

  test("a push does not appear, and nothing is under way that would bring it", async () => {
    await product.atRest();
    const answer = await product.api.get("/images", { ...WEST, repository: REPOSITORY, tag: TAG });
    expect(answer.status).toBe(404);
    expect(await product.api.list(`/images/${pushed.digest}`)).toEqual([]);
    expect(await repairs(product)).toEqual([]);
    expect(await differencesFound(product)).toEqual([]);
  });

  test("a reconcile brings it and reports the difference", async () => {
    const report = await product.control("POST", "run/reconcile?wait=60");
    expect(differencesIn(report)).toEqual({ "image-missed": 1, "tag-missed": 1 });
    const image = await imageOfTag(product, WEST, REPOSITORY, TAG);
    expect(image).toMatchObject({ digest: pushed.digest, tags: [TAG], state: "open", manifest: "known" });
    await product.atRest();

    expect(await repairs(product)).toMatchObject([
      {
        actor: "reconcile",
        subject: `${WEST.account}/${WEST.region}/${REPOSITORY}`,
        details: { differences: { "image-missed": 1, "tag-missed": 1 } },
      },
    ]);
    const found = await differencesFound(product);
    expect(found.length).toBeGreaterThan(0);
    expect(await summary(product)).toMatchObject({ images: 1, tags: 1, reconciledAt: expect.any(String) });
  });
});

describe("the member stack as it is", () => {
  let product: Embedded;
  beforeAll(async () => {
    product = await Embedded.start();
  });
  afterAll(() => product?.dispose());

  test("a push in that Region appears without a reconcile, which then finds no difference", async () => {
    const pushed = await push(product);
    expect(await imageOfTag(product, WEST, REPOSITORY, TAG)).toMatchObject({ digest: pushed.digest });
    await product.atRest();
    const report = await product.control("POST", "run/reconcile?wait=60");
    expect(differencesIn(report)).toEqual({});
    expect(await summary(product)).toMatchObject({ reconciledAt: expect.any(String) });
    expect(await repairs(product)).toEqual([]);
    expect(await differencesFound(product)).toEqual([]);
  });
});
