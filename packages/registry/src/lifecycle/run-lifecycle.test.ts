import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { anImage, anIndex, type BuiltManifest, descriptor } from "../testing/image-builder.ts";
import { clientOf, type Json, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const repositoryName = "team/app";
const any = { tagStatus: "any" };
const untagged = { tagStatus: "untagged" };
const older = (days: number) => ({ countType: "sinceImagePushed", countUnit: "days", countNumber: days });
const more = (countNumber: number) => ({ countType: "imageCountMoreThan", countNumber });
const archive = { type: "transition", targetStorageClass: "archive" };
const expireArchived = {
  ...any,
  storageClass: "archive",
  countType: "sinceImageTransitioned",
  countUnit: "days",
  countNumber: 90,
};

let server: RegistryServer;
let client: RegistryClient;

async function start(): Promise<void> {
  await server?.close();
  server = await startRegistryServer();
  client = clientOf(server);
  await client.api("CreateRepository", { repositoryName });
}
beforeEach(() => start());
afterEach(() => expect(server.errors).toEqual([]));
afterAll(() => server.close());

function pass(milliseconds: number): void {
  server.clock.now = new Date(server.clock.now.getTime() + milliseconds);
  client = clientOf(server); // Its token has run out.
}
async function push(name: string, tag?: string): Promise<BuiltManifest> {
  const image = anImage([name]);
  expect((await client.push(repositoryName, image, tag)).status).toBe(201);
  return image;
}
/** Rules by selection, or by selection and action; in the order of their priority. */
async function put(...rules: (object | readonly [object, object])[]): Promise<void> {
  const numbered = rules.map((rule, index) => {
    const [selection, action] = Array.isArray(rule) ? rule : [rule, { type: "expire" }];
    return { rulePriority: index + 1, selection, action };
  });
  const lifecyclePolicyText = JSON.stringify({ rules: numbered });
  expect((await client.api("PutLifecyclePolicy", { repositoryName, lifecyclePolicyText })).status).toBe(200);
}
/** Status by digest. */
async function images(): Promise<Record<string, string>> {
  const { body } = await client.api("DescribeImages", { repositoryName, filter: { imageStatus: "ANY" } });
  const details = (body["imageDetails"] ?? []) as unknown as Record<string, string>[];
  return Object.fromEntries(details.map((it) => [it["imageDigest"], it["imageStatus"]]));
}
const serviceEvents = () =>
  server.events
    .filter(({ detailType }) => detailType === "AWS Service Event via CloudTrail")
    .map(({ detail }) => detail as unknown as Json);
const details = () => serviceEvents().map((event) => event["serviceEventDetails"]);
const actions = () =>
  server.events.map(({ detail }) => [detail["action-type"], detail["image-digest"]]).filter(([type]) => type);

describe("a lifecycle run", () => {
  test("expires what its policy selects, and tells CloudTrail of it", async () => {
    const old = await push("old", "v1");
    pass(15 * DAY);
    const young = await push("young", "v2");
    await put({ ...any, ...older(14) });
    server.events.length = 0;
    const [run] = await server.registry.runLifecycle("all");
    expect(run).toMatchObject({ repository: repositoryName, failed: [], followed: [] });
    expect(run?.acted.map(({ digest }) => digest)).toEqual([old.digest]);
    expect(await images()).toEqual({ [young.digest]: "ACTIVE" });
    expect(actions()).toEqual([]);
    const time = server.clock.now;
    expect(server.events).toMatchObject([
      {
        account: "111122223333",
        region: "us-east-1",
        detailType: "AWS Service Event via CloudTrail",
        time,
        resources: [],
        detail: {
          eventName: "PolicyExecutionEvent",
          eventSource: "ecr.amazonaws.com",
          eventType: "AwsServiceEvent",
          eventTime: "2026-12-06T10:00:00Z",
          userIdentity: { accountId: "111122223333", invokedBy: "AWS Internal" },
          readOnly: true,
          resources: [{ ARN: `arn:aws:ecr:us-east-1:111122223333:repository/${repositoryName}` }],
          serviceEventDetails: {
            repositoryName,
            lifecycleEventPolicy: {
              lifecycleEventRules: [
                {
                  rulePriority: 1,
                  lifecycleEventSelection: {
                    tagStatus: "Any",
                    tagPrefixList: [],
                    tagPatternList: [],
                    countType: "Time since image pushed",
                    countUnit: "Days",
                    countNumber: 14,
                  },
                  action: "expire",
                },
              ],
              lastEvaluatedAt: 0,
              policyVersion: 1,
            },
            lifecycleEventImageActions: [
              {
                lifecycleEventImage: {
                  digest: old.digest,
                  tagStatus: "Tagged",
                  tagList: ["v1"],
                  pushedAt: time.getTime() - 15 * DAY,
                },
                rulePriority: 1,
              },
            ],
            lifecycleEventFailureDetails: [],
          },
        },
      },
    ]);
  });

  test("tells the bus of each expired image only where that is chosen", async () => {
    server.registry.setSwitches({ expiryEvents: true });
    const image = await push("old", "v1");
    pass(15 * DAY);
    await put({ ...any, ...older(14) });
    server.events.length = 0;
    await server.registry.runLifecycle("all");
    expect(actions()).toEqual([["DELETE", image.digest]]);
  });

  test("archives, and after 90 days in the archive expires", async () => {
    const image = await push("a", "v1");
    await put([{ ...any, ...older(30) }, archive], expireArchived);
    pass(31 * DAY);
    server.events.length = 0;
    await server.registry.runLifecycle("all");
    expect(await images()).toEqual({ [image.digest]: "ARCHIVED" });
    expect(actions()).toEqual([["UPDATE_STORAGE_CLASS", image.digest]]);
    pass(90 * DAY);
    await server.registry.runLifecycle("all");
    expect(await images()).toEqual({ [image.digest]: "ARCHIVED" });
    pass(1);
    await server.registry.runLifecycle("all");
    expect(await images()).toEqual({});
  });

  test("keeps the children of an index until the index is gone", async () => {
    const [one, two] = [await push("one"), await push("two")];
    const index = anIndex([one, two]);
    await client.push(repositoryName, index, "v1");
    await put({ tagStatus: "tagged", tagPatternList: ["v*"], ...older(30) }, { ...untagged, ...older(14) });
    pass(15 * DAY);
    await server.registry.runLifecycle("all");
    expect(Object.keys(await images())).toHaveLength(3);
    pass(16 * DAY);
    await server.registry.runLifecycle("all");
    expect(Object.keys(await images()).toSorted()).toEqual([one.digest, two.digest].toSorted());
    await server.registry.runLifecycle("all");
    expect(await images()).toEqual({});
  });

  test("expires an archived index and its children in one go", async () => {
    const child = await push("one");
    const index = anIndex([child]);
    const input = { repositoryName, targetStorageClass: "ARCHIVE" };
    await client.api("UpdateImageStorageClass", { ...input, imageId: { imageDigest: child.digest } });
    pass(HOUR); // The child is the older one: its turn comes while the index is still there.
    await client.push(repositoryName, index, "v1");
    await client.api("UpdateImageStorageClass", { ...input, imageId: { imageDigest: index.digest } });
    await put(expireArchived);
    pass(91 * DAY);
    const [run] = await server.registry.runLifecycle("all");
    expect(run?.failed).toEqual([]);
    expect(await images()).toEqual({});
  });

  test("says why an image stayed: an archived index still refers to it", async () => {
    const child = await push("one");
    const index = anIndex([child]);
    await client.push(repositoryName, index, "v1");
    await client.api("UpdateImageStorageClass", {
      repositoryName,
      imageId: { imageTag: "v1" },
      targetStorageClass: "ARCHIVE",
    });
    await put({ ...untagged, ...older(14) });
    pass(15 * DAY);
    server.events.length = 0;
    await server.registry.runLifecycle("all");
    expect(Object.keys(await images())).toHaveLength(2);
    expect(details()).toMatchObject([
      {
        lifecycleEventImageActions: [],
        lifecycleEventFailureDetails: [
          {
            lifecycleEventImage: { digest: child.digest, tagStatus: "Untagged", tagList: [] },
            rulePriority: 1,
            failureCode: "ImageReferencedByManifestList",
            failureReason: `Requested image referenced by manifest list: [${index.digest}]`,
          },
        ],
      },
    ]);
  });

  test("names the children that an active index holds back, where they are ranked", async () => {
    server.registry.setSwitches({ indexChildren: "ranked" });
    const children = [await push("one"), await push("two")];
    const index = anIndex(children);
    await client.push(repositoryName, index, "v1");
    await put({ ...untagged, ...older(14) });
    pass(15 * DAY);
    await server.registry.runLifecycle("all");
    expect(Object.keys(await images())).toHaveLength(3);
    expect(details()[0]?.["lifecycleEventFailureDetails"]).toHaveLength(2);
    expect(details()[0]?.["lifecycleEventFailureDetails"]?.["0"]).toMatchObject({
      failureReason: `Requested image referenced by manifest list: [${index.digest}]`,
    });
  });

  test.each([
    ["gone", { type: "expire" }, undefined],
    ["archived", archive, "ARCHIVED"],
  ])("takes referrers along when their subject is %s", async (_, action, status) => {
    const subject = await push("subject", "v1");
    const signature = anImage(["signature"], { subject: descriptor(subject.mediaType, subject.bytes) });
    expect((await client.push(repositoryName, signature)).status).toBe(201);
    await put([{ ...any, ...older(14) }, action]);
    pass(14 * DAY);
    await server.registry.runLifecycle("all");
    expect(await images()).toMatchObject({ [signature.digest]: "ACTIVE" });
    pass(1);
    const [run] = await server.registry.runLifecycle("all");
    expect(run?.followed).toEqual([
      { digest: signature.digest, subject: subject.digest, action: action.type },
    ]);
    expect((await images())[signature.digest]).toBe(status);
  });

  test.each([true, false])("cleans up referrers without a policy: %s", async (followWithoutPolicy) => {
    server.registry.setSwitches({ followWithoutPolicy });
    const subject = await push("subject", "v1");
    const signature = anImage(["signature"], { subject: descriptor(subject.mediaType, subject.bytes) });
    await client.push(repositoryName, signature);
    await client.api("BatchDeleteImage", { repositoryName, imageIds: [{ imageTag: "v1" }] });
    pass(2 * DAY);
    await server.registry.runLifecycle("scheduled");
    expect(signature.digest in (await images())).toBe(!followWithoutPolicy);
  });

  test("is split over several events where it concerns ten images or more", async () => {
    for (let n = 0; n < 24; n++) await push(`${n}`, `v${n}`);
    await put({ ...any, ...more(1) });
    server.events.length = 0;
    await server.registry.runLifecycle("all");
    const acted = details().map((detail) => detail?.["lifecycleEventImageActions"] as unknown as Json[]);
    expect(acted.map((all) => all.length)).toEqual([9, 9, 5]);
    const digests = acted.flat().map((it) => it["lifecycleEventImage"]?.["digest"]);
    expect(new Set(digests).size).toBe(23);
  });

  test("of many images goes on in pieces, and leaves what changed since it was decided about", async () => {
    const many = Array.from({ length: 470 }, (_, n) => anImage(["same"], { annotations: { n: `${n}` } }));
    await push("same");
    for (const { bytes } of many)
      await client.api("PutImage", { repositoryName, imageManifest: bytes.toString() });
    const [first] = many.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)); // The last one whose turn comes.
    await put({ ...any, ...older(14) });
    pass(15 * DAY);
    server.events.length = 0;
    let tagged: Promise<unknown> | undefined;
    server.events.push = (...added) => {
      const retag = { repositoryName, imageManifest: first?.bytes.toString(), imageTag: "kept" };
      tagged ??= client.api("PutImage", retag);
      return Array.prototype.push.apply(server.events, added);
    };
    const [run] = await server.registry.runLifecycle("all");
    await tagged;
    expect(run).toMatchObject({ acted: { length: 470 }, failed: [] });
    expect(await images()).toEqual({ [first?.digest ?? ""]: "ACTIVE" });
  });

  test("ends when its policy goes meanwhile, and does not count as one then", async () => {
    const many = Array.from({ length: 470 }, (_, n) => anImage(["same"], { annotations: { n: `${n}` } }));
    await push("same");
    for (const { bytes } of many)
      await client.api("PutImage", { repositoryName, imageManifest: bytes.toString() });
    await put({ ...any, ...older(14) });
    pass(15 * DAY);
    let replaced: Promise<unknown> | undefined;
    server.events.push = (...added) => {
      replaced ??= put({ ...any, ...older(20) });
      return Array.prototype.push.apply(server.events, added);
    };
    const [run] = await server.registry.runLifecycle("all");
    await replaced;
    expect(run?.acted).toHaveLength(450);
    const { body } = await client.api("GetLifecyclePolicy", { repositoryName });
    expect(body["lastEvaluatedAt"]).toBe(0);
  });

  test("is told of also when it finds nothing to do, and counts policies and runs", async () => {
    await put({ ...any, ...older(14) });
    await put({ ...any, ...older(15) });
    await server.registry.runLifecycle("all");
    const first = server.clock.now.getTime();
    pass(DAY);
    await server.registry.runLifecycle("all");
    const policies = details().map((detail) => detail?.["lifecycleEventPolicy"]);
    expect(policies).toMatchObject([
      { lastEvaluatedAt: 0, policyVersion: 2 },
      { lastEvaluatedAt: first, policyVersion: 2 },
    ]);
  });

  test("is due a day after the policy was set or last run, whatever the clock does", async () => {
    await put({ ...any, ...older(15) });
    pass(DAY / 2);
    await put({ ...any, ...older(14) });
    const due = async () => (await server.registry.runLifecycle("scheduled")).length;
    pass(DAY - 1);
    expect(await due()).toBe(0);
    pass(1);
    expect(await due()).toBe(1);
    expect(await due()).toBe(0);
    pass(30 * DAY);
    expect([await due(), await due()]).toEqual([1, 0]);
    pass(-300 * DAY);
    expect([await due(), await due()]).toEqual([1, 0]);
  });

  test("survives a restart, and goes with its repository", async () => {
    await put({ ...any, ...older(14) });
    pass(DAY);
    await server.restart();
    expect(await server.registry.runLifecycle("scheduled")).toHaveLength(1);
    await client.api("DeleteRepository", { repositoryName });
    await client.api("CreateRepository", { repositoryName });
    expect(await server.registry.runLifecycle("all")).toEqual([]);
  });

  test("reports a repository whose policy cannot be read any more, and goes on with the others", async () => {
    await put({ ...any, storageClass: "standard", ...more(1) });
    const rules = [{ rulePriority: 1, selection: { ...any, ...more(1) }, action: { type: "expire" } }];
    await client.api("CreateRepository", { repositoryName: "zz" });
    const input = { repositoryName: "zz", lifecyclePolicyText: JSON.stringify({ rules }) };
    await client.api("PutLifecyclePolicy", input);
    server.registry.setSwitches({ acceptExplicitStandard: false });
    const runs = await server.registry.runLifecycle("all");
    expect(runs.map(({ repository }) => repository)).toEqual(["zz"]);
    expect(server.errors.splice(0)).toMatchObject([{ code: "INVALID_LIFECYCLE_POLICY" }]);
  });
});
