import { describe, expect, test } from "vitest";
import { REPOSITORY, refusal, standingProduct } from "../support/bad-input.ts";
import { rawHttp } from "../support/raw-http.ts";
import { EAST } from "../support/registries.ts";
import { type AwsCall, jsonCall, signedCall } from "../support/signed-call.ts";

const standing = standingProduct();
const url = () => standing.product().url;
const QUEUE = `https://sqs.${EAST.region}.amazonaws.com/${EAST.account}/ImageActionQueue`;
/** A write of each service that speaks JSON. */
const TARGETS = [
  ["ecr", "AmazonEC2ContainerRegistry_V20150921.CreateRepository"],
  ["sqs", "AmazonSQS.SendMessage"],
  ["dynamodb", "DynamoDB_20120810.PutItem"],
  ["events", "AWSEvents.PutEvents"],
  ["ssm", "AmazonSSM.PutParameter"],
] as const;

function ask(service: string, call: Omit<AwsCall, "service">) {
  return signedCall(url(), EAST, { service, ...call });
}

describe.each(TARGETS)("%s", (service, target) => {
  test.each([
    ["half of an object", '{"repositoryName": "x/y"'],
    ["no JSON", "repositoryName=x"],
    ["nothing", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["a number", "7"],
    ["an empty object", "{}"],
    ["wrong types", '{"repositoryName":7,"QueueUrl":{},"TableName":[],"Entries":"x","Name":1,"Value":2}'],
    ["a hundred thousand brackets", "[".repeat(100_000)],
    ["a nest a hundred thousand deep", `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["null bytes", "\u0000\u0000{}"],
    ["its own prototype", '{"__proto__":{"admin":true},"constructor":{}}'],
  ])("refuses %s in a body", async (_, body) => {
    const answer = await jsonCall(url(), EAST, { service, target, body });
    expect([answer.status, refusal(answer)[1]]).toEqual([400, expect.stringMatching(/^\w+$/)]);
    expect(answer.headers["content-type"]).toMatch(/^application\/x-amz-json-1\.[01]$/);
  });

  test("does not know what was never an operation", async () => {
    const [service_] = target.split(".");
    for (const name of ["MakeCoffee", "", "__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const answer = await jsonCall(url(), EAST, { service, target: `${service_}.${name}`, body: "{}" });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(refusal(answer)[1]).toMatch(/^(UnknownOperationException|InvalidAction)$/);
    }
  });

  test("is not reached with the target of another service", async () => {
    const [, foreign] = TARGETS.find(([name]) => name !== service) ?? TARGETS[0];
    const answer = await jsonCall(url(), EAST, { service, target: foreign, body: "{}" });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  test("refuses a body of 9 MB", async () => {
    const body = JSON.stringify({ repositoryName: "x".repeat(9 * 1024 * 1024) });
    expect((await jsonCall(url(), EAST, { service, target, body })).status).toBe(413);
  });
});

test("a service that is not there is named, with those that are", async () => {
  const answer = await jsonCall(url(), EAST, {
    service: "kinesis",
    target: "Kinesis_20131202.ListStreams",
    body: "{}",
  });
  expect(refusal(answer)).toEqual([404, "UnknownService"]);
  expect(answer.text).toContain("It has: sqs, events, ");
});

describe("sqs", () => {
  const send = (input: object) =>
    jsonCall(url(), EAST, { service: "sqs", target: "AmazonSQS.SendMessage", body: JSON.stringify(input) });

  test.each([
    ["a message over 256 KiB", { MessageBody: "x".repeat(262_145) }, "InvalidParameterValue"],
    ["an empty message", { MessageBody: "" }, "MissingParameter"],
    ["a character that XML cannot carry", { MessageBody: "\u0001" }, "InvalidMessageContents"],
    ["a delay of a day", { MessageBody: "x", DelaySeconds: 86_400 }, "InvalidParameterValue"],
    ["a negative delay", { MessageBody: "x", DelaySeconds: -1 }, "InvalidParameterValue"],
  ])("refuses %s", async (_, input, code) => {
    const answer = await send({ QueueUrl: QUEUE, ...input });
    expect(refusal(answer)).toEqual([400, code]);
    expect(answer.headers["x-amzn-query-error"]).toBe(`${code};Sender`);
  });

  test.each([
    [`${QUEUE}s`, [400, "QueueDoesNotExist"]],
    [QUEUE.replace("111122223333", "111122223333/../444455556666"), [404, "InvalidAddress"]],
    ["http://[::1", [404, "InvalidAddress"]],
    ["file:///etc/passwd", [404, "InvalidAddress"]],
    ["", [404, "InvalidAddress"]],
  ])("does not know the queue %j", async (QueueUrl, expected) => {
    expect(refusal(await send({ QueueUrl, MessageBody: "x" }))).toEqual(expected);
  });
});

describe("events", () => {
  const put = (entries: unknown) =>
    jsonCall(url(), EAST, {
      service: "events",
      target: "AWSEvents.PutEvents",
      body: JSON.stringify({ Entries: entries }),
    });
  const entry = { Source: "me", DetailType: "x", Detail: "{}" };

  test.each([
    ["none", []],
    ["eleven", Array.from({ length: 11 }, () => entry)],
    ["one of the wrong shape", [{ ...entry, Resources: "all" }]],
  ])("refuses %s", async (_, entries) => {
    expect(refusal(await put(entries))).toEqual([400, "ValidationException"]);
  });

  test("refuses more than 256 KiB", async () => {
    const Detail = JSON.stringify({ text: "x".repeat(262_144) });
    expect(refusal(await put([{ ...entry, Detail }]))).toEqual([413, "ValidationException"]);
  });

  test.each([
    ["no source", { Source: "" }, "InvalidArgument"],
    [
      "the source of a registry",
      { Source: "aws.ecr", DetailType: "ECR Image Action" },
      "NotAuthorizedForSourceException",
    ],
    ["a detail that is no JSON", { Detail: "{oops" }, "MalformedDetail"],
    ["a detail that is a list", { Detail: "[]" }, "MalformedDetail"],
    ["a time that is none", { Time: 1e300 }, "InvalidArgument"],
    ["a bus that is not there", { EventBusName: "nowhere" }, "InvalidArgument"],
  ])("fails the entry with %s", async (_, wrong, code) => {
    const answer = await put([{ ...entry, ...wrong }]);
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      200,
      { FailedEntryCount: 1, Entries: [{ ErrorCode: code, ErrorMessage: expect.any(String) }] },
    ]);
  });
});

describe("s3", () => {
  test.each([
    "/archive/..%2f..%2f..%2fetc%2fpasswd",
    "/archive/..%2fparameters.json",
    "/archive/%2fetc%2fpasswd",
    "/archive/%252e%252e%252fparameters.json",
    "/archive/a%00b",
  ])("%s is a key that is not there, never a path", async (path) => {
    const answer = await ask("s3", {
      method: "GET",
      path,
      headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    });
    expect(refusal(answer)).toEqual([404, "NoSuchKey"]);
  });

  test.each([
    ["a bucket that is not there", "PUT", "/nowhere/key", [404, "NoSuchBucket"]],
    ["no percent-encoding", "GET", "/archive/%zz", [403, "SignatureDoesNotMatch"]],
    ["a part of an upload", "PUT", "/archive/key?partNumber=1&uploadId=x", [501, "NotImplemented"]],
    ["a page size that is no number", "GET", "/archive?list-type=2&max-keys=many", [400, "InvalidArgument"]],
    [
      "a continuation that is none",
      "GET",
      "/archive?list-type=2&continuation-token=%00",
      [400, "InvalidArgument"],
    ],
  ])("refuses %s", async (_, method, path, expected) => {
    const [target = "", query] = path.split("?");
    const answer = await ask("s3", {
      method,
      path: query === undefined ? target : `${target}?${query}`,
      headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    });
    expect(refusal(answer)).toEqual(expected);
    expect(answer.headers["content-type"]).toBe("application/xml");
  });

  test("refuses a body that is not the one that was signed", async () => {
    const headers = { "x-amz-content-sha256": "0".repeat(64) };
    const answer = await ask("s3", { method: "PUT", path: "/archive/key", headers, body: "other" });
    expect(refusal(answer)).toEqual([400, "XAmzContentSHA256Mismatch"]);
  });
});

describe("sts", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const role = (name: string) => `arn:aws:iam::${EAST.account}:role/${name}`;
  test.each([
    ["no action", "Version=2011-06-15", "MissingAction"],
    ["an action that is none", "Action=GetGold&Version=2011-06-15", "InvalidAction"],
    ["no role", "Action=AssumeRole", "ValidationError"],
    [
      "a role that is not there",
      `Action=AssumeRole&RoleSessionName=xx&RoleArn=${role("none")}`,
      "AccessDenied",
    ],
    [
      "the writer for a stranger",
      `Action=AssumeRole&RoleSessionName=xx&RoleArn=${role("tallyman-writer")}`,
      "AccessDenied",
    ],
    [
      "a policy that is no JSON",
      `Action=AssumeRole&RoleSessionName=xx&Policy=oops&RoleArn=${role("tallyman-reader")}`,
      "AccessDenied",
    ],
  ])("refuses %s", async (_, body, code) => {
    const answer = await ask("sts", { headers: form, body });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(refusal(answer)[1]).toMatch(new RegExp(`^(${code}|MalformedPolicyDocument)$`));
  });
});

describe("the admin API", () => {
  const post = (path: string, body: string, type = "application/json") =>
    ask("execute-api", { path: `/api/v1${path}`, body, headers: { "content-type": type } });

  test.each([
    ["no JSON", "{oops", "application/json", 400],
    ["nothing", "", "application/json", 400],
    ["an unknown key", '{"on":false,"reason":"x","by":"me"}', "application/json", 400],
    ["a wrong type", '{"on":"no","reason":"x"}', "application/json", 400],
    ["no reason", '{"on":false,"reason":" "}', "application/json", 400],
    ["a form", "on=false&reason=x", "application/x-www-form-urlencoded", 415],
    ["plain text", '{"on":false,"reason":"x"}', "text/plain", 415],
    [
      "a nest a hundred thousand deep",
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
      "application/json",
      413,
    ],
  ])("refuses %s as a problem", async (_, body, type, status) => {
    const answer = await post("/brake", body, type);
    expect([answer.status, answer.headers["content-type"]]).toEqual([status, "application/problem+json"]);
    expect(JSON.parse(answer.text)).toMatchObject({ status, title: expect.any(String) });
  });

  test.each([
    "/images?account=111122223333",
    `/images?account=x&region=us-east-1&repository=${REPOSITORY}`,
    "/images?account=111122223333&region=us-east-1&repository=..%2F..%2Fetc",
    "/images/sha256:short",
    "/violations?cursor=forged",
    "/violations?limit=1000000",
  ])("refuses %s as a problem", async (path) => {
    const answer = await ask("execute-api", { method: "GET", path: `/api/v1${path}` });
    expect([answer.status, answer.headers["content-type"]]).toEqual([400, "application/problem+json"]);
  });

  test("says in plain words what is not there", async () => {
    const unsigned = await rawHttp(url(), { method: "POST", path: "/nowhere" });
    expect(unsigned.status).toBe(404);
    const signed = await ask("execute-api", { method: "GET", path: "/api/v1/nowhere" });
    expect([signed.status, signed.headers["content-type"]]).toEqual([404, "application/problem+json"]);
  });
});
