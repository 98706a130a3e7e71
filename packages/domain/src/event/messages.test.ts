import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aPullThrough } from "../../../../test/builders/trail-event.ts";
import { ImageActionMessage } from "./image-action.ts";
import { ReplicationActionMessage } from "./replication-action.ts";

const digest = aDigest("image");

// As in https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
const ENVELOPE = {
  version: "0",
  id: "13cde686-328b-6117-af20-0e5566167482",
  source: "aws.ecr",
  account: "111122223333",
  time: "2026-11-16T01:54:34Z",
  region: "us-west-2",
  resources: [],
};
const DETAIL = {
  result: "SUCCESS",
  "repository-name": "team/app",
  "image-digest": digest,
  "action-type": "PUSH",
  "image-tag": "latest",
};

function imageAction(detail: Record<string, unknown>, envelope: Record<string, unknown> = {}) {
  return { ...ENVELOPE, "detail-type": "ECR Image Action", detail: { ...DETAIL, ...detail }, ...envelope };
}

function replication(detail: Record<string, unknown> = {}) {
  const source = { "source-account": "444455556666", "source-region": "us-east-1" };
  return {
    ...ENVELOPE,
    "detail-type": "ECR Replication Action",
    resources: ["arn:aws:ecr:us-west-2:111122223333:repository/team/app"],
    detail: { ...DETAIL, "action-type": "REPLICATE", ...source, ...detail },
  };
}

describe("an image action", () => {
  test.each([
    ["PUSH", "image.pushed"],
    ["DELETE", "image.deleted"],
    ["SOMETHING_NEW", "image.changed"],
  ])("%s is read as %s", (action, kind) => {
    expect(ImageActionMessage.parse(imageAction({ "action-type": action }))).toEqual({
      id: ENVELOPE.id,
      time: ENVELOPE.time,
      kind,
      repository: { account: "111122223333", region: "us-west-2", repository: "team/app" },
      subject: { digest, tag: "latest" },
    });
  });

  test.each(["ARCHIVE", "STANDARD"])("to storage class %s is read with it", (target) => {
    const detail = {
      "action-type": "UPDATE_STORAGE_CLASS",
      "target-storage-class": target,
      "image-tag": undefined,
    };
    expect(
      ImageActionMessage.parse(imageAction({ ...detail, "last-activated-at": "2026-10-10T19:13:02.74Z" })),
    ).toMatchObject({
      kind: "image.storage-class-changed",
      target,
      subject: { digest },
    });
  });

  test.each([{ "image-tag": "" }, { "image-tag": undefined }])(
    "without a tag (%j) names the digest alone",
    (detail) => {
      expect(ImageActionMessage.parse(imageAction(detail))).toMatchObject({ subject: { digest } });
      expect(ImageActionMessage.parse(imageAction(detail))).not.toHaveProperty("subject.tag");
    },
  );

  test("without a digest names the tag alone", () => {
    expect(ImageActionMessage.parse(imageAction({ "image-digest": undefined }))).toMatchObject({
      subject: { tag: "latest" },
    });
  });

  test("of a referrer is read as one of an image", () => {
    const event = imageAction({}, { "detail-type": "ECR Referrer Action" });
    expect(ImageActionMessage.parse(event).kind).toBe("image.pushed");
  });
});

describe("a pull-through cache action", () => {
  test.each<[object, object | undefined]>([
    [
      { digest, tag: "3.17.2" },
      { digest, tag: "3.17.2" },
    ],
    [{ digest }, { digest }],
    [{ tag: "3.17.2" }, { tag: "3.17.2" }],
    [{ tag: "" }, undefined],
    [{}, undefined],
  ])("that names %j is read so", (named, subject) => {
    const event = ImageActionMessage.parse(aPullThrough(named));
    expect(event).toMatchObject({
      kind: "image.pulled-through",
      repository: { account: "111122223333", region: "us-east-1", repository: "docker-hub/alpine" },
      result: "SUCCESS",
    });
    expect(event.subject).toEqual(subject);
  });

  test.each(["FAILURE", "FAILED"])("may have failed, by whichever word: %s", (status) => {
    expect(ImageActionMessage.parse(aPullThrough({ status }))).toMatchObject({ result: "FAILED" });
  });
});

describe("a replication action", () => {
  test("is read with its source, and the envelope's registry as the destination", () => {
    expect(ReplicationActionMessage.parse(replication())).toMatchObject({
      kind: "replication.copied",
      repository: { account: "111122223333", region: "us-west-2", repository: "team/app" },
      source: { account: "444455556666", region: "us-east-1" },
      result: "SUCCESS",
    });
  });

  test("may have failed", () => {
    expect(ReplicationActionMessage.parse(replication({ result: "FAILED" }))).toMatchObject({
      result: "FAILED",
    });
  });
});

describe("a message that is no event we know", () => {
  test.each<[string, unknown]>([
    ["is nothing", undefined],
    ["is text", "{}"],
    ["is empty", {}],
    ["is from another service", imageAction({}, { source: "aws.ecs" })],
    ["is of another kind", imageAction({}, { "detail-type": "ECR Image Scan" })],
    ["has no account", imageAction({}, { account: "me" })],
    ["has a digest that is none", imageAction({ "image-digest": "sha256:xyz" })],
    ["names neither digest nor tag", imageAction({ "image-digest": "", "image-tag": "" })],
    ["has a repository name with ..", imageAction({ "repository-name": "../etc" })],
    ["has a repository name with #", imageAction({ "repository-name": "a#b" })],
    ["has a tag longer than any", imageAction({ "image-tag": "a".repeat(301) })],
    ["is of a pull-through cache without a status", aPullThrough({ status: "" })],
    ["is of a pull-through cache of no digest", aPullThrough({ digest: "sha256:12" })],
    ["has a source that is none", replication({ "source-account": "" })],
    ["says a replication of no result", replication({ result: "MAYBE" })],
  ])("because it %s is malformed", (_, message) => {
    expect(ImageActionMessage.safeParse(message).success).toBe(false);
    expect(ReplicationActionMessage.safeParse(message).success).toBe(false);
  });
});
