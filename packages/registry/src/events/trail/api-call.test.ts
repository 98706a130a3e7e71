import { describe, expect, test } from "vitest";
import { type ApiCall, apiCallEvent } from "./api-call.ts";
import { trailTime } from "./elements.ts";

const account = "111122223333";
const registry = { account, region: "us-east-1" };
const user = { account, arn: `arn:aws:iam::${account}:user/ci/bot` };

function aCall(more: Partial<ApiCall> = {}): ApiCall {
  const client = { address: "203.0.113.9", userAgent: "aws-cli/2" };
  const time = new Date("2018-07-11T22:17:44.900Z");
  return { registry, operation: "PutImage", caller: user, time, client, input: {}, output: {}, ...more };
}
const detailOf = (more: Partial<ApiCall>) => apiCallEvent(aCall(more)).detail;

describe("a call as CloudTrail writes it down", () => {
  test("says when, where, by whom and from where it came", () => {
    expect(apiCallEvent(aCall())).toMatchObject({
      ...registry,
      detailType: "AWS API Call via CloudTrail",
      resources: [],
      readOnly: false,
      detail: {
        eventTime: "2018-07-11T22:17:44Z",
        eventName: "PutImage",
        awsRegion: "us-east-1",
        sourceIPAddress: "203.0.113.9",
        userAgent: "aws-cli/2",
        recipientAccountId: account,
      },
    });
  });

  test.each([
    [user, { type: "IAMUser", arn: user.arn, accountId: account, userName: "bot" }],
    [
      { account, arn: `arn:aws:sts::${account}:assumed-role/app/one` },
      {
        type: "AssumedRole",
        arn: `arn:aws:sts::${account}:assumed-role/app/one`,
        accountId: account,
        sessionContext: {
          sessionIssuer: {
            type: "Role",
            arn: `arn:aws:iam::${account}:role/app`,
            accountId: account,
            userName: "app",
          },
        },
      },
    ],
    [
      { account, arn: "replication.ecr.amazonaws.com", service: "replication.ecr.amazonaws.com" },
      { type: "AWSService", invokedBy: "replication.ecr.amazonaws.com" },
    ],
  ])("names %j", (caller, userIdentity) => {
    expect(detailOf({ caller })["userIdentity"]).toEqual(userIdentity);
  });

  test.each([
    ["BatchGetImage", true],
    ["BatchCheckLayerAvailability", true],
    ["GetAuthorizationToken", true],
    ["DescribeImages", true],
    ["ListImageReferrers", true],
    ["ValidatePullThroughCacheRule", true],
    ["BatchDeleteImage", false],
    ["StartImageScan", false],
    ["UpdateImageStorageClass", false],
    ["TagResource", false],
  ])("marks %s as reading only: %s", (operation, readOnly) => {
    const output = { some: "answer" };
    const event = apiCallEvent(aCall({ operation, output }));
    expect([event.readOnly, event.detail["readOnly"]]).toEqual([readOnly, readOnly]);
    if (readOnly) expect(event.detail["responseElements"]).toBeNull();
    else expect(event.detail["responseElements"]).not.toBeNull();
  });

  test("tells times in CloudTrail's own form, however deep they stand, and no other number", () => {
    const repository = { repositoryName: "testrepo", createdAt: 1_531_347_464.9, imageCount: 3 };
    expect(detailOf({ operation: "CreateRepository", output: { repository } })["responseElements"]).toEqual({
      repository: { repositoryName: "testrepo", createdAt: "Jul 11, 2018 10:17:44 PM", imageCount: 3 },
    });
    expect(trailTime(new Date("2026-01-02T00:05:09Z"))).toBe("Jan 2, 2026 12:05:09 AM");
  });

  test("nests what UpdateImageStorageClass answered", () => {
    const output = { registryId: account, imageStatus: "ARCHIVED" };
    const elements = detailOf({ operation: "UpdateImageStorageClass", output })["responseElements"];
    expect(elements).toEqual({ image: output });
  });

  test("holds no bytes of a layer, and nothing that is too large", () => {
    const part = { uploadId: "u", layerPartBlob: "AAAA" };
    expect(detailOf({ operation: "UploadLayerPart", input: part })["requestParameters"]).toEqual({
      uploadId: "u",
    });
    const large = { imageManifest: "x".repeat(100 * 1024) };
    const { requestParameters, responseElements, ...rest } = detailOf({ input: large, output: large });
    expect([requestParameters, responseElements]).toEqual([null, null]);
    expect(rest["eventName"]).toBe("PutImage");
    expect(detailOf({ input: {} })["requestParameters"]).toBeNull();
  });

  test("has the error in place of the answer", () => {
    const error = { code: "RepositoryNotFoundException", message: "no" };
    expect(detailOf({ error, output: { __type: error.code } })).toMatchObject({
      errorCode: "RepositoryNotFoundException",
      errorMessage: "no",
      responseElements: null,
    });
    expect(detailOf({})).not.toHaveProperty("errorCode");
  });

  test("points to the repository, if it is about one", () => {
    const ARN = `arn:aws:ecr:us-east-1:${account}:repository/team/app`;
    expect(detailOf({ input: { repositoryName: "team/app" } })["resources"]).toEqual([
      { ARN, accountId: account },
    ]);
    expect(detailOf({ input: { policyText: "{}" } })).not.toHaveProperty("resources");
  });
});
