import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DeleteLifecyclePolicyCommand,
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  type ECRClient,
  PutImageCommand,
  PutLifecyclePolicyCommand,
  PutReplicationConfigurationCommand,
  SetRepositoryPolicyCommand,
  StartLifecyclePolicyPreviewCommand,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import { lifecycleEvents } from "@tallyman/registry/events/lifecycle-event";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { EventWorld, type Heard } from "../support/event-world.ts";
import { OCI_MANIFEST, type PushedManifest, type RegistryClient } from "../support/registry-client.ts";
import { until } from "../support/until.ts";
import samples from "./fixtures/ecr-events.json" with { type: "json" };

const account = "111122223333";
const east = { account, region: "us-east-1" };
const east2 = { account, region: "us-east-2" };
const west = { account, region: "us-west-2" };

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start([east, east2, west]);
});
afterAll(() => world.stop());

/** What differs from one event to the next in place of which it stands, and nothing else. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, normal(member)]));
  if (typeof value === "number" && value > 1_000_000_000_000) return "milliseconds";
  if (typeof value !== "string") return value;
  return value
    .replace(/sha256:[0-9a-f]{64}/g, "digest")
    .replace(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/, "uuid")
    .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, "seconds")
    .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/, "fractions")
    .replace(/^\{.*\}$/s, "{}");
}

const isCall = (event: Heard) => event["detail-type"] === "AWS API Call via CloudTrail";
const isService = (event: Heard) => event["detail-type"] === "AWS Service Event via CloudTrail";
/** The one event that a test is about. */
async function one(repository: string, wanted: (event: Heard) => boolean): Promise<Heard> {
  const found = (await world.heard(repository)).filter(wanted);
  expect(found).toHaveLength(1);
  return found[0] as Heard;
}
const byAction =
  (action: string, more: Record<string, unknown> = {}) =>
  (event: Heard) =>
    !isCall(event) &&
    event.detail["action-type"] === action &&
    Object.entries(more).every(([name, value]) => event.detail[name] === value);
const detailsOf = (event: Heard) => event.detail["serviceEventDetails"];

describe("an event is as AWS publishes it, field by field:", () => {
  let client: RegistryClient;
  const archive = async (
    repositoryName: string,
    image: PushedManifest,
    targetStorageClass: "ARCHIVE" | "STANDARD",
  ) => {
    const imageId = { imageDigest: image.digest };
    await world
      .ecr(east)
      .send(new UpdateImageStorageClassCommand({ repositoryName, imageId, targetStorageClass }));
    await world.control("clock", { advance: "PT30M" });
  };

  test("a push and a deletion", async () => {
    const repositoryName = "team/app";
    const ecr = world.ecr(west);
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    await (await world.login(west)).pushImage(repositoryName, "latest", "push");
    await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: "latest" }] }));
    expect(normal(await one(repositoryName, byAction("PUSH")))).toEqual(normal(samples.push));
    expect(normal(await one(repositoryName, byAction("DELETE")))).toEqual(normal(samples.delete));
  });

  test("archiving and restoring an image", async () => {
    const repositoryName = "ubuntu";
    await world.ecr(east).send(new CreateRepositoryCommand({ repositoryName }));
    client = await world.login(east);
    const image = await client.pushImage(repositoryName, "24.04", "ubuntu");
    await archive(repositoryName, image, "ARCHIVE");
    await archive(repositoryName, image, "STANDARD");
    const target = (value: string) => byAction("UPDATE_STORAGE_CLASS", { "target-storage-class": value });
    expect(normal(await one(repositoryName, target("ARCHIVE")))).toEqual(normal(samples.archive));
    expect(normal(await one(repositoryName, target("STANDARD")))).toEqual(normal(samples.restore));
    const activation = await one(
      repositoryName,
      (event) => event.detail["eventName"] === "ImageActivationEvent",
    );
    expect(normal(detailsOf(activation))).toEqual(normal(samples.imageActivation));
    expect(activation.detail).toMatchObject({ eventType: "AwsServiceEvent", readOnly: true });
  });

  test("restoring an artifact", async () => {
    const repositoryName = "sbom";
    await world.ecr(east).send(new CreateRepositoryCommand({ repositoryName }));
    client = await world.login(east);
    const subject = await client.pushImage(repositoryName, undefined, "subject");
    const artifact = await pushArtifact(client, repositoryName, subject, "text/sbom+json");
    await archive(repositoryName, artifact, "ARCHIVE");
    await archive(repositoryName, artifact, "STANDARD");
    const target = byAction("UPDATE_STORAGE_CLASS", { "target-storage-class": "STANDARD" });
    // The published sample is of a manifest type that OCI has replaced.
    const { detail, ...envelope } = samples.referrerRestore;
    const sample = { ...envelope, detail: { ...detail, "manifest-media-type": OCI_MANIFEST } };
    expect(normal(await one(repositoryName, target))).toEqual(normal(sample));
  });

  test("a replication, in the destination, which hears of no push", async () => {
    const repositoryName = "docker-hub/alpine";
    const destinations = [{ region: east.region, registryId: account }];
    const repositoryFilters = [{ filter: "docker-hub/", filterType: "PREFIX_MATCH" as const }];
    const replicationConfiguration = { rules: [{ destinations, repositoryFilters }] };
    const ecr = world.ecr(west);
    await ecr.send(new PutReplicationConfigurationCommand({ replicationConfiguration }));
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    await (await world.login(west)).pushImage(repositoryName, "3.17.2", "alpine");
    await until("the replica", async () => (await world.heard(repositoryName)).some(byAction("REPLICATE")));
    expect(normal(await one(repositoryName, byAction("REPLICATE")))).toEqual(normal(samples.replication));
    expect((await one(repositoryName, byAction("PUSH"))).region).toBe("us-west-2");
    const copies = (await world.heard(repositoryName)).filter(
      (event) => event.detail["eventName"] === "ReplicateImage",
    );
    expect(copies).toMatchObject([
      {
        region: "us-east-1",
        detail: {
          userIdentity: { type: "AWSService", invokedBy: "replication.ecr.amazonaws.com" },
          readOnly: false,
        },
      },
    ]);
  });

  test("an image that was put, as CloudTrail writes it down", async () => {
    const repositoryName = "testrepo";
    await world.ecr(east2).send(new CreateRepositoryCommand({ repositoryName }));
    await (await world.login(east2)).pushImage(repositoryName, "latest", "trail");
    const event = await one(repositoryName, (it) => it.detail["eventName"] === "PutImage");
    // A user of this cloud, where the sample has a role's session.
    const userIdentity = { type: "IAMUser", accountId: account, arn: `arn:aws:iam::${account}:user/test` };
    const { detail, ...envelope } = samples.putImage;
    expect(normal(event)).toMatchObject(
      normal({ ...envelope, detail: { ...detail, userIdentity } }) as object,
    );
    const more = Object.keys(event.detail).filter((name) => !Object.hasOwn(detail, name));
    expect(more).toEqual(["eventTime"]);
  });

  test("a lifecycle policy that ran, with what went and what could not", () => {
    const [{ lifecycleEventRules }, digest] = [
      samples.policyExecution.lifecycleEventPolicy,
      samples.push.detail["image-digest"],
    ];
    const times = {
      lastPulledAt: null,
      lastArchivedAt: null,
      lastActivatedAt: null,
      subject: null,
      parents: [],
    };
    const image = (pushedAt: number, tags: readonly string[]) => ({
      digest,
      tags,
      pushedAt,
      status: "ACTIVE" as const,
      ...times,
    });
    const [failure] = samples.policyExecution.lifecycleEventFailureDetails;
    const settings = { tagMutability: "MUTABLE", exclusionFilters: [], scanOnPush: false } as const;
    const encryption = { encryptionType: "AES256" } as const;
    const [event] = lifecycleEvents({
      name: "PolicyExecutionEvent",
      repository: {
        ...east,
        id: 1,
        name: "testrepo",
        createdAt: 0,
        policy: null,
        settings: { ...settings, encryption, tags: [] },
      },
      time: new Date(),
      policy: {
        id: samples.policyExecution.lifecycleEventPolicy.policyId,
        version: 1,
        evaluatedAt: 0,
        rules: [
          {
            rulePriority: 1,
            description: String(lifecycleEventRules[0]?.description),
            selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 2 },
            action: { type: "expire" },
          },
        ],
      },
      acted: [{ image: image(1_584_042_813_000, ["alpine"]), rulePriority: 1 }],
      failed: [
        {
          image: image(1_584_042_844_000, []),
          rulePriority: 1,
          code: String(failure?.failureCode),
          reason: String(failure?.failureReason),
        },
      ],
    });
    expect(event?.detail["serviceEventDetails"]).toMatchObject(samples.policyExecution);
  });
});

/** In which words the table below tells what was heard. */
function told(event: Heard): readonly string[] {
  const { detail } = event;
  const name = String(detail["eventName"]);
  if (isCall(event))
    return detail["readOnly"] === true || /LayerUpload|UploadLayer/.test(name) ? [] : [`call ${name}`];
  if (isService(event)) return [name];
  const referrer = event["detail-type"] === "ECR Referrer Action" ? "referrer " : "";
  const what = detail["target-storage-class"] ?? detail["action-type"];
  return [`${referrer}${what}${detail["image-tag"] === undefined ? "" : ` ${detail["image-tag"]}`}`.trim()];
}

describe("what is told when:", () => {
  let ecr: ECRClient;
  let client: RegistryClient;
  let count = 0;
  let repositoryName: string;
  let before: number;

  beforeEach(async () => {
    repositoryName = `when/${++count}`;
    ecr = world.ecr(east);
    client = await world.login(east);
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    before = (await world.heard(repositoryName)).length;
  });
  /** What was told since the test, or `since()`, began. */
  async function heard(): Promise<readonly string[]> {
    return (await world.heard(repositoryName)).slice(before).flatMap(told);
  }
  async function since(): Promise<void> {
    before = (await world.heard(repositoryName)).length;
  }
  const push = (tag: string | undefined, seed = "a") => client.pushImage(repositoryName, tag, seed);
  const remove = (...imageIds: { imageDigest?: string; imageTag?: string }[]) =>
    ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
  const retag = async (imageTag: string, to: string) => {
    const { images } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag }] }));
    const imageManifest = images?.[0]?.imageManifest;
    await ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: to }));
  };

  test("a repository is created", async () => {
    before = 0;
    expect(await heard()).toEqual(["call CreateRepository"]);
  });

  test("an image is pushed with a tag, and one by its digest", async () => {
    await push("1");
    await push(undefined, "b");
    expect(await heard()).toEqual(["PUSH 1", "call PutImage", "PUSH", "call PutImage"]);
    // Captured payloads have an empty tag there, not none.
    const pushes = (await world.heard(repositoryName)).filter(byAction("PUSH"));
    expect(pushes.map(({ detail }) => detail["image-tag"])).toEqual(["1", ""]);
  });

  test("an index is pushed: each child without a tag, then the index with its own", async () => {
    const children = [await push(undefined, "amd"), await push(undefined, "arm")];
    await client.pushIndex(repositoryName, "multi", children);
    expect((await heard()).filter((it) => !it.startsWith("call"))).toEqual(["PUSH", "PUSH", "PUSH multi"]);
  });

  test("an artifact is pushed that refers to an image", async () => {
    const subject = await push("1");
    await since();
    await pushArtifact(client, repositoryName, subject, "text/spdx+json");
    expect(await heard()).toEqual(["referrer PUSH", "call PutImage"]);
  });

  test("a tag moves: one push, and no word of the image that lost it", async () => {
    await push("latest", "a");
    await since();
    await push("latest", "b");
    expect(await heard()).toEqual(["PUSH latest", "call PutImage"]);
  });

  test("an image gets another tag", async () => {
    await push("1");
    await since();
    await retag("1", "2");
    expect(await heard()).toEqual(["PUSH 2", "call PutImage"]);
  });

  test("the same image is pushed again under the same tag: nothing but the call", async () => {
    await push("1");
    await since();
    await push("1");
    await expect(retag("1", "1")).rejects.toMatchObject({ name: "ImageAlreadyExistsException" });
    expect(await heard()).toEqual(["call PutImage", "call PutImage"]);
  });

  test("a push is refused because its tag is immutable: nothing but the call, with its error", async () => {
    const name = `${repositoryName}/fixed`;
    await ecr.send(new CreateRepositoryCommand({ repositoryName: name, imageTagMutability: "IMMUTABLE" }));
    await client.pushImage(name, "1", "a");
    await expect(client.pushImage(name, "1", "b")).rejects.toThrow();
    const puts = (await world.heard(name)).filter((event) => event.detail["eventName"] === "PutImage");
    expect(puts.map(({ detail }) => detail["errorCode"])).toEqual([
      undefined,
      "ImageTagAlreadyExistsException",
    ]);
    expect((await world.heard(name)).filter(byAction("PUSH"))).toHaveLength(1);
  });

  test("an image with two tags is deleted by its digest", async () => {
    const { digest } = await push("1");
    await retag("1", "2");
    await since();
    await remove({ imageDigest: digest });
    expect((await heard()).toSorted()).toEqual(["DELETE 1", "DELETE 2", "call BatchDeleteImage"]);
  });

  test("a tag is deleted while another remains, and then the last one", async () => {
    await push("1");
    await retag("1", "2");
    await since();
    await remove({ imageTag: "1" });
    await remove({ imageTag: "2" });
    expect(await heard()).toEqual(["DELETE 1", "call BatchDeleteImage", "DELETE 2", "call BatchDeleteImage"]);
  });

  test("a repository goes with its images: CloudTrail alone tells", async () => {
    await push("1");
    await since();
    await ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true }));
    expect(await heard()).toEqual(["call DeleteRepository"]);
  });

  test("a lifecycle policy is set, previewed, run and taken away: CloudTrail alone tells of what expired", async () => {
    await push("1", "a");
    await push("2", "b");
    await since();
    const selection = { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 1 };
    const rules = [{ rulePriority: 1, selection, action: { type: "expire" } }];
    const lifecyclePolicyText = JSON.stringify({ rules });
    await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
    await ecr.send(new StartLifecyclePolicyPreviewCommand({ repositoryName }));
    await world.control("lifecycle");
    await ecr.send(new DeleteLifecyclePolicyCommand({ repositoryName }));
    expect((await heard()).toSorted()).toEqual([
      "DryRunEvent",
      "PolicyExecutionEvent",
      "call DeleteLifecyclePolicy",
      "call PutLifecyclePolicy",
      "call StartLifecyclePolicyPreview",
    ]);
  });

  test("an image is archived, and pushed again", async () => {
    const { digest } = await push("1");
    await since();
    const imageId = { imageDigest: digest };
    await ecr.send(
      new UpdateImageStorageClassCommand({ repositoryName, imageId, targetStorageClass: "ARCHIVE" }),
    );
    await push("1");
    expect(await heard()).toEqual(["ARCHIVE", "call UpdateImageStorageClass", "PUSH 1", "call PutImage"]);
  });

  test("a policy is set, and something is read: a call that only reads is marked so", async () => {
    const policyText = JSON.stringify({
      Statement: { Effect: "Deny", Principal: "*", Action: "ecr:PutImage" },
    });
    await ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
    await ecr.send(new DescribeImagesCommand({ repositoryName }));
    expect(await heard()).toEqual(["call SetRepositoryPolicy"]);
    const reads = (await world.heard(repositoryName)).filter(({ detail }) => detail["readOnly"] === true);
    expect(reads.map(({ detail }) => detail["eventName"])).toEqual(["DescribeImages"]);
    expect(reads[0]?.detail["responseElements"]).toBeNull();
  });

  test("a client pulls and pushes under /v2: the calls that stand for its requests", async () => {
    const { digest } = await push("1");
    await since();
    await client.request("GET", `/v2/${repositoryName}/manifests/1`);
    await client.request("HEAD", `/v2/${repositoryName}/blobs/${digest}`);
    await client.request("GET", `/v2/${repositoryName}/tags/list`);
    await client.request("GET", `/v2/${repositoryName}/referrers/${digest}`);
    await client.pushBlob(repositoryName, Buffer.from("more"));
    const calls = (await world.heard(repositoryName)).slice(before).filter(isCall);
    expect(calls.map(({ detail }) => detail["eventName"])).toEqual([
      "BatchGetImage",
      "BatchCheckLayerAvailability",
      "ListImages",
      "ListImageReferrers",
      "InitiateLayerUpload",
      "UploadLayerPart",
      "CompleteLayerUpload",
    ]);
    expect(new Set(calls.map(({ detail }) => detail["sourceIPAddress"]))).toEqual(
      new Set(["ecr.amazonaws.com"]),
    );
  });
});

async function pushArtifact(
  client: RegistryClient,
  repository: string,
  subject: PushedManifest,
  mediaType: string,
): Promise<PushedManifest> {
  const bytes = Buffer.from("{}");
  const digest = await client.pushBlob(repository, bytes);
  return client.pushManifest(repository, undefined, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType, digest, size: bytes.length },
    layers: [],
    subject,
  });
}
