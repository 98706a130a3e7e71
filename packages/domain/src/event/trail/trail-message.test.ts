import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../../test/builders/digest.ts";
import { aRepository, HUB } from "../../../../../test/builders/registry.ts";
import {
  aCall,
  anExpiry,
  aPolicyExecution,
  aServiceEvent,
  IMAGE,
  SOMEBODY,
} from "../../../../../test/builders/trail-event.ts";
import { TrailMessage } from "./trail-message.ts";

const WEB = aRepository("prod/web");
const A = aDigest("A");
const B = aDigest("B");
const imageId = { imageDigest: IMAGE, imageTag: "latest" };
const AT = "2026-11-16T01:54:34.000Z";

const acts = (message: unknown) => {
  const event = TrailMessage.parse(message);
  return event.kind === "refused" ? "refused" : event.acts;
};

describe("a call", () => {
  test("is read with who made it, when, on which repository, under CloudTrail's id", () => {
    expect(TrailMessage.parse(aCall("CreateRepository"))).toEqual({
      kind: "call",
      id: "6f4e8e8a-a2ee-4a33-b5fd-2a1a3b8ac0b2",
      time: AT,
      heardFrom: HUB,
      repository: WEB,
      by: SOMEBODY,
      acts: [{ action: "create-repository" }],
    });
  });

  test.each<[string, unknown, unknown]>([
    ["DeleteRepository", aCall("DeleteRepository", { force: true }), [{ action: "delete-repository" }]],
    [
      "PutImage",
      aCall(
        "PutImage",
        { imageTag: "latest", imageManifest: "{}" },
        { response: { image: { repositoryName: "prod/web", imageManifest: "{}", imageId } } },
      ),
      [{ action: "push", digest: IMAGE, tag: "latest" }],
    ],
    [
      "PutImage without an answer",
      aCall("PutImage", { imageTag: "latest", imageDigest: IMAGE }),
      [{ action: "push", digest: IMAGE, tag: "latest" }],
    ],
    [
      "PutImage of a manifest too large for CloudTrail",
      aCall("PutImage", {}, { detail: { requestParameters: null } }),
      [{ action: "push" }],
    ],
    [
      "BatchDeleteImage by tag",
      aCall(
        "BatchDeleteImage",
        { imageIds: [{ imageTag: "latest" }] },
        { response: { imageIds: [imageId] } },
      ),
      [{ action: "delete", digest: IMAGE, tag: "latest" }],
    ],
    [
      "BatchDeleteImage without an answer",
      aCall("BatchDeleteImage", { imageIds: [{ imageTag: "latest" }, { imageDigest: A }] }),
      [
        { action: "delete", tag: "latest" },
        { action: "delete", digest: A },
      ],
    ],
    [
      "BatchDeleteImage, half of it refused",
      aCall(
        "BatchDeleteImage",
        { imageIds: [{ imageDigest: "nonsense" }, { imageDigest: A }] },
        {
          response: {
            imageIds: [{ imageDigest: A }],
            failures: [
              {
                imageId: { imageDigest: "nonsense" },
                failureCode: "InvalidImageDigest",
                failureReason: "Invalid image digest",
              },
            ],
          },
        },
      ),
      [
        { action: "delete", digest: A },
        { action: "delete", failure: "InvalidImageDigest: Invalid image digest" },
      ],
    ],
    [
      "UpdateImageStorageClass to the archive",
      aCall(
        "UpdateImageStorageClass",
        { imageId: { imageDigest: A }, targetStorageClass: "ARCHIVE" },
        { response: { image: { imageId: { imageDigest: A }, imageStatus: "ARCHIVED" } } },
      ),
      [{ action: "archive", digest: A }],
    ],
    [
      "UpdateImageStorageClass back",
      aCall("UpdateImageStorageClass", { imageId: { imageDigest: A }, targetStorageClass: "STANDARD" }),
      [{ action: "restore", digest: A }],
    ],
  ])("%s says what was done", (_, message, expected) => {
    expect(acts(message)).toEqual(expected);
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      "a service",
      { type: "AWSService", invokedBy: "replication.ecr.amazonaws.com" },
      "replication.ecr.amazonaws.com",
    ],
    ["another account", { type: "AWSAccount", accountId: "444455556666" }, "account 444455556666"],
    ["nobody it names", {}, "account unknown"],
  ])("made by %s says so", (_, userIdentity, by) => {
    expect(TrailMessage.parse(aCall("CreateRepository", {}, { detail: { userIdentity } }))).toMatchObject({
      by,
    });
  });

  test("on another account's registry is of that repository, and of the record that both accounts share", () => {
    const sharedEventID = "8c1f7d5e-0000-4000-8000-000000000001";
    const request = { registryId: "444455556666" };
    const message = aCall("PutImage", request, {
      response: { image: { imageId } },
      detail: { sharedEventID },
    });
    expect(TrailMessage.parse(message)).toMatchObject({
      id: sharedEventID,
      heardFrom: HUB,
      repository: { ...WEB, account: "444455556666" },
    });
  });

  test("that was refused did nothing, whatever it asked for", () => {
    const detail = {
      errorCode: "InvalidParameterException",
      errorMessage: "no",
      requestParameters: { repositoryName: "../etc", imageIds: "all" },
    };
    expect(TrailMessage.parse(aCall("BatchDeleteImage", {}, { detail })).kind).toBe("refused");
  });
});

describe("what a registry did by itself", () => {
  test("is a lifecycle policy's run, image by image, with the rule in words", () => {
    const failure = {
      failureCode: "ImageReferencedByManifestList",
      failureReason: "Requested image referenced",
    };
    const run = aPolicyExecution(
      [anExpiry(A, ["1.0.0", "stable"]), anExpiry(IMAGE, ["alpine"], 2)],
      [{ ...anExpiry(B), ...failure }],
    );
    expect(TrailMessage.parse(run)).toEqual({
      kind: "lifecycle",
      id: "6f4e8e8a-a2ee-4a33-b5fd-2a1a3b8ac0b2",
      time: AT,
      heardFrom: HUB,
      repository: WEB,
      by: "lifecycle policy",
      acts: [
        { action: "expire", digest: A, tags: ["1.0.0", "stable"], rule: "lifecycle rule 1: keep ten" },
        { action: "expire", digest: IMAGE, tag: "alpine", tags: ["alpine"], rule: "lifecycle rule 2" },
        {
          action: "expire",
          digest: B,
          tags: [],
          rule: "lifecycle rule 1: keep ten",
          failure: "ImageReferencedByManifestList: Requested image referenced",
        },
      ],
    });
  });

  test("may have had nothing to do", () => {
    expect(acts(aPolicyExecution([]))).toEqual([]);
  });

  test("may have moved images to the archive", () => {
    const rules = [{ rulePriority: 1, action: "transition" }];
    const details = {
      lifecycleEventPolicy: { lifecycleEventRules: rules },
      lifecycleEventImageActions: [anExpiry(A)],
    };
    expect(acts(aServiceEvent("PolicyExecutionEvent", details))).toMatchObject([
      { action: "archive", digest: A },
    ]);
  });

  test("is the end of a restore", () => {
    const details = {
      imageDigest: A,
      targetStorageClass: "STANDARD",
      result: "SUCCESS",
      imageStatus: "ACTIVE",
    };
    expect(TrailMessage.parse(aServiceEvent("ImageActivationEvent", details))).toMatchObject({
      kind: "activation",
      acts: [{ action: "restore", digest: A }],
    });
  });
});

test("text of others is cut where nobody would read on", () => {
  const long = "x".repeat(5000);
  const message = aPolicyExecution([], [{ ...anExpiry(A), failureCode: long, failureReason: long }]);
  expect(JSON.stringify(acts(message)).length).toBeLessThan(2000);
});

test.each<[string, unknown]>([
  ["is nothing", undefined],
  ["is from another service", { ...aCall("PutImage"), source: "aws.s3" }],
  ["is a call of another service", aCall("PutImage", {}, { detail: { eventSource: "s3.amazonaws.com" } })],
  ["is a call that changes no image", aCall("BatchGetImage")],
  ["is a preview", aServiceEvent("DryRunEvent", {})],
  ["has no account", { ...aCall("PutImage"), account: "me" }],
  ["has an id that is none", aCall("PutImage", {}, { id: "a#b" })],
  ["has no time", aCall("PutImage", {}, { detail: { eventTime: "yesterday" } })],
  ["names a registry that is none", aCall("PutImage", { registryId: "1" })],
  ["names a repository that climbs", aCall("PutImage", { repositoryName: "../../etc" })],
  [
    "names no repository at all",
    aCall("PutImage", {}, { detail: { requestParameters: null, resources: [] } }),
  ],
  ["names more images than any call", aCall("BatchDeleteImage", { imageIds: Array(10_000).fill({}) })],
  [
    "answers a digest that is none",
    aCall("BatchDeleteImage", {}, { response: { imageIds: [{ imageDigest: "sha256:12" }] } }),
  ],
  ["expires a digest that is none", aPolicyExecution([anExpiry("sha256:12")])],
  ["expires by a rule without a number", aPolicyExecution([{ ...anExpiry(A), rulePriority: "first" }])],
])("because it %s a message is malformed", (_, message) => {
  expect(TrailMessage.safeParse(message).success).toBe(false);
});
