import { dynamoSourceStateStore } from "@tallyman/aws/dynamodb/source-state-store";
import { dynamoUsageStore } from "@tallyman/aws/dynamodb/usage-store";
import { s3ConsumersStore } from "@tallyman/aws/s3/consumers-store";
import { s3SnapshotStore } from "@tallyman/aws/s3/snapshot-store";
import { FenceConflictError } from "@tallyman/domain/inventory/errors";
import { SnapshotConflictError } from "@tallyman/domain/usage/errors";
import type { RegistryConsumers, Snapshot, SourceState, UsageRecord } from "@tallyman/domain/usage/evidence";
import type {
  ConsumersStore,
  SnapshotStore,
  SourceStateStore,
  UsageStore,
} from "@tallyman/domain/usage/ports";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { aRepository, HUB } from "../builders/registry.ts";
import { memoryBucket } from "../chaos/history/gated-bucket.ts";
import { memoryUsage } from "../fakes/memory-usage.ts";
import { type Dynamo, startDynamo } from "./dynamo-table.ts";
import { all } from "./inventories.ts";

type Stores = {
  readonly usage: UsageStore;
  readonly states: SourceStateStore;
  readonly snapshots: SnapshotStore;
  readonly consumers: ConsumersStore;
};

const AT = "2026-11-22T06:00:00.000Z";
const HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com";

/** Every member is there: one that a store leaves out is seen. */
const USE: Required<UsageRecord> = {
  subject: { digest: aDigest("web") },
  source: "ecs",
  scope: "111122223333/us-east-1",
  account: HUB.account,
  region: HUB.region,
  cluster: "prod",
  service: "service/web",
  kinds: ["running", "template"],
  image: `${HOST}/prod/web:1`,
  firstSeen: AT,
  seenAt: AT,
  sequence: 7,
  endedAt: AT,
  forgetAt: AT,
  version: 1,
};
const SUSPECT: Required<NonNullable<SourceState["suspect"]>> = {
  sequence: 8,
  observedAt: AT,
  receivedAt: AT,
  subjects: 0,
  missing: 12,
  reason: "it is empty",
  accepted: { by: "arn:aws:iam::111122223333:user/me", at: AT },
};
const STATE: Required<SourceState> = {
  source: "ecs",
  scope: "111122223333/us-east-1",
  account: HUB.account,
  sequence: 7,
  observedAt: AT,
  acceptedAt: AT,
  subjects: 12,
  settled: 6,
  writing: [6, 7],
  understanding: 1,
  suspect: SUSPECT,
  failure: { at: AT, reason: "ecs:ListTasks got no usable answer" },
  version: 1,
};
const SNAPSHOT: Required<Snapshot> = {
  source: "kubernetes",
  scope: "shop (eu) * = $1",
  sequence: 7,
  account: HUB.account,
  observedAt: AT,
  receivedAt: AT,
  items: [
    {
      image: `${HOST}/prod/web:1`,
      digest: aDigest("web"),
      kind: "stopped",
      account: HUB.account,
      region: HUB.region,
      cluster: "shop",
      service: "deployment/shop/web",
      seenAt: AT,
    },
    { image: "nginx", kind: "template", account: HUB.account, service: "job/x" },
  ],
};
const CONSUMERS: Required<RegistryConsumers> = {
  ...HUB,
  asOf: AT,
  policies: { "prod/web": ["*", "444455556666"] },
  pullsThrough: [{ upstream: { account: "444455556666", region: "eu-central-1" }, prefix: "team/" }],
};

describe.each(["memory", "DynamoDB and S3"])("in %s", (where) => {
  let dynamo: Dynamo | undefined;
  let stores: Stores;
  beforeAll(async () => {
    if (where !== "memory") dynamo = await startDynamo();
  });
  afterAll(() => dynamo?.close());
  beforeEach(async () => {
    stores = dynamo ? await stored(dynamo) : memoryUsage();
  });

  test.each<[string, UsageRecord]>([
    ["a digest", USE],
    ["a tag", { ...USE, subject: { repository: aRepository(), tag: "1.4.2" } }],
  ])("a use of %s comes back as it was written, and is replaced by the next version only", async (_, use) => {
    const { usage } = stores;
    expect(await usage.findUsage(use)).toBeUndefined();
    await expect(usage.putUsage({ ...use, version: 2 })).rejects.toThrow(FenceConflictError);
    await usage.putUsage(use);
    expect(await usage.findUsage(use)).toEqual(use);
    await expect(usage.putUsage(use)).rejects.toThrow(FenceConflictError);
    const { seenAt: _1, endedAt: _2, forgetAt: _3, ...again } = use;
    await usage.putUsage({ ...again, version: 2 });
    expect(await usage.findUsage(use)).toEqual({ ...again, version: 2 });
  });

  test("uses that differ in any part of their key are different, and are listed by what they use", async () => {
    const { usage } = stores;
    const others = [
      { source: "kubernetes" },
      { scope: "444455556666/us-east-1" },
      { account: "444455556666" },
      { cluster: "" },
      { service: "service/web2" },
    ];
    for (const other of others) await usage.putUsage({ ...USE, ...other });
    await usage.putUsage({ ...USE, subject: { digest: aDigest("other") } });
    const found = await all(usage.listUsage(USE.subject));
    const parts = ({ source, scope, account, cluster, service }: UsageRecord) =>
      [source, scope, account, cluster, service].join(" ");
    expect(found.map(parts).toSorted()).toEqual(
      others.map((other) => parts({ ...USE, ...other })).toSorted(),
    );
    expect(await all(usage.listUsage({ digest: aDigest("unused") }))).toEqual([]);
  });

  test("a tag's uses are none of another tag's, repository's or Region's", async () => {
    const { usage } = stores;
    const web = { repository: aRepository("prod/web"), tag: "1" };
    const others = [
      { ...web, tag: "1.2" },
      { ...web, repository: aRepository("prod/web1") },
      { ...web, repository: aRepository("prod/web", { region: "us-west-2" }) },
    ];
    for (const subject of [web, ...others]) await usage.putUsage({ ...USE, subject });
    expect(await all(usage.listUsage(web))).toEqual([{ ...USE, subject: web }]);
  });

  test("a source's state comes back as it was written, and is replaced by the next version only", async () => {
    const { states } = stores;
    expect(await states.findState(STATE.source, STATE.scope)).toBeUndefined();
    await states.putState(STATE);
    expect(await states.findState(STATE.source, STATE.scope)).toEqual(STATE);
    await expect(states.putState(STATE)).rejects.toThrow(FenceConflictError);
    const { suspect: _1, failure: _2, ...well } = STATE;
    await states.putState({ ...well, version: 2 });
    expect(await states.findState(STATE.source, STATE.scope)).toEqual({ ...well, version: 2 });
  });

  test("a source lists its scopes and no other's", async () => {
    const { states } = stores;
    for (const scope of ["b", "a/b c"]) await states.putState({ ...STATE, scope });
    await states.putState({ ...STATE, source: "ecs-events" });
    const listed = await all(states.listStates("ecs"));
    expect(listed.map(({ scope }) => scope).toSorted()).toEqual(["a/b c", "b"]);
    expect(await all(states.listStates("lambda"))).toEqual([]);
  });

  test("a report is kept once, and comes back as it was", async () => {
    const { snapshots } = stores;
    const { source, scope } = SNAPSHOT;
    expect(await snapshots.findSnapshot(source, scope, 7)).toBeUndefined();
    expect(await snapshots.putSnapshot(SNAPSHOT)).toBe(true);
    expect(await snapshots.findSnapshot(source, scope, 7)).toEqual(SNAPSHOT);
    expect(await snapshots.findSnapshot(source, scope, 8)).toBeUndefined();
  });

  test("a report that comes again, at another time, is not written again; under its number no other is", async () => {
    const { snapshots } = stores;
    await snapshots.putSnapshot(SNAPSHOT);
    expect(await snapshots.putSnapshot({ ...SNAPSHOT, receivedAt: "2026-11-23T06:00:00.000Z" })).toBe(false);
    for (const other of [
      { items: [] },
      { observedAt: "2026-11-22T07:00:00.000Z" },
      { account: "444455556666" },
    ])
      await expect(snapshots.putSnapshot({ ...SNAPSHOT, ...other })).rejects.toThrow(SnapshotConflictError);
    expect(await snapshots.findSnapshot(SNAPSHOT.source, SNAPSHOT.scope, 7)).toEqual(SNAPSHOT);
  });

  test("reports of different scopes never meet, however the scopes are called", async () => {
    const { snapshots } = stores;
    const scopes = ["a/b", "a_b", "a_002fb", "a b", "..", "../../policy", ".", "A", "a", "a//b", "a/"];
    for (const [i, scope] of scopes.entries())
      await snapshots.putSnapshot({ ...SNAPSHOT, scope, account: String(i) });
    for (const [i, scope] of scopes.entries())
      expect((await snapshots.findSnapshot(SNAPSHOT.source, scope, 7))?.account).toBe(String(i));
  });

  test("who may pull from a registry is as it was written last", async () => {
    const { consumers } = stores;
    expect(await consumers.findConsumers(HUB)).toBeUndefined();
    await consumers.putConsumers(CONSUMERS);
    await consumers.putConsumers({ ...CONSUMERS, region: "us-west-2", policies: {} });
    expect(await consumers.findConsumers(HUB)).toEqual(CONSUMERS);
    await consumers.putConsumers({ ...CONSUMERS, policies: {} });
    expect((await consumers.findConsumers(HUB))?.policies).toEqual({});
  });
});

async function stored(dynamo: Dynamo): Promise<Stores> {
  const table = await dynamo.newTable();
  const bucket = memoryBucket();
  return {
    usage: dynamoUsageStore(table),
    states: dynamoSourceStateStore(table),
    snapshots: s3SnapshotStore(bucket),
    consumers: s3ConsumersStore(bucket),
  };
}
