import fc from "fast-check";
import { expect, test } from "vitest";
import { FOREIGN, REPOSITORY, SIBLING, standingProduct } from "../support/bad-input.ts";
import { type RawAnswer, rawHttp } from "../support/raw-http.ts";
import { EAST, OTHER } from "../support/registries.ts";
import { signedCall } from "../support/signed-call.ts";

// Requests that no client sends, over every door of the port. Reproducible: a failure names its seed.

const SEED = 20_261_121;
const RUNS = 150;
/** Functions behind the admin API start in this time even on a busy machine; anything longer hangs. */
const LONGEST = 20_000;

const QUEUE = `https://sqs.${EAST.region}.amazonaws.com/${EAST.account}/ImageActionQueue`;

const standing = standingProduct();

const word = fc.oneof(
  fc.constantFrom(
    "",
    ".",
    "..",
    "%2e%2e",
    "%00",
    "%zz",
    "%0a",
    "prod",
    "web",
    "latest",
    "sha256:",
    "*",
    "\u00e9",
  ),
  fc.constantFrom(
    "manifests",
    "blobs",
    "uploads",
    "tags",
    "list",
    "referrers",
    "_catalog",
    "archive",
    "images",
  ),
  fc.string({ maxLength: 20 }).map(encodeURIComponent),
  fc.stringMatching(/^[a-z0-9._-]{1,40}$/),
  fc.constant(`sha256:${"0".repeat(64)}`),
);
/** Read-only names and those that are not there: what is well-formed must not write either. */
const door = fc.constantFrom(
  "/",
  "/v2/",
  `/v2/${REPOSITORY}/`,
  `/v2/${SIBLING}/`,
  "/api/v1/",
  "/api/",
  "/_embedded/",
  "/archive/",
  "/starport-layers/111122223333/us-east-1/",
);
const query = fc.oneof(
  fc.constant(""),
  fc
    .array(
      fc.tuple(
        fc.constantFrom(
          "digest",
          "n",
          "last",
          "list-type",
          "cursor",
          "limit",
          "X-Amz-Signature",
          "X-Amz-Date",
          "X-Amz-Expires",
          "mount",
          "from",
          "artifactType",
        ),
        word,
      ),
      { maxLength: 3 },
    )
    .map((pairs) =>
      pairs.length === 0 ? "" : `?${pairs.map(([key, value]) => `${key}=${encodeURI(value)}`).join("&")}`,
    ),
);
const path = fc
  .tuple(door, fc.array(word, { maxLength: 5 }), query)
  .map(([base, words, text]) => visible(base + words.join("/") + text));
/** Members that the services know, the resources often there, everything else anything. */
const members = fc.record(
  {
    repositoryName: fc.oneof(fc.constantFrom(REPOSITORY, SIBLING), word),
    registryId: fc.oneof(fc.constantFrom(EAST.account, OTHER.account), fc.jsonValue()),
    imageIds: fc.jsonValue(),
    maxResults: fc.jsonValue(),
    nextToken: fc.jsonValue(),
    filter: fc.jsonValue(),
    layerDigests: fc.jsonValue(),
    TableName: fc.oneof(fc.constant("Inventory"), fc.jsonValue()),
    IndexName: fc.oneof(fc.constant("gsi1"), fc.jsonValue()),
    Key: fc.jsonValue(),
    KeyConditionExpression: fc.jsonValue(),
    ExpressionAttributeNames: fc.jsonValue(),
    ExpressionAttributeValues: fc.jsonValue(),
    ExclusiveStartKey: fc.jsonValue(),
    Limit: fc.jsonValue(),
    RequestItems: fc.oneof(fc.dictionary(fc.constant("Inventory"), fc.jsonValue()), fc.jsonValue()),
    ReturnConsumedCapacity: fc.jsonValue(),
    QueueUrl: fc.oneof(fc.constant(QUEUE), fc.jsonValue()),
    SourceArn: fc.jsonValue(),
    AttributeNames: fc.jsonValue(),
    Name: fc.jsonValue(),
    Names: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.constantFrom("", "{}", "[]", "null", "{", '"', "0", "\u0000", "[".repeat(5000)),
  fc.json({ maxDepth: 4 }),
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  members.map((it) => JSON.stringify(it)),
);
const headerValue = fc.string({ maxLength: 60 }).map(visible);
const header = fc.tuple(
  fc.constantFrom(
    "authorization",
    "content-type",
    "content-range",
    "range",
    "accept",
    "x-amz-target",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "content-encoding",
    "content-md5",
    "if-none-match",
    "origin",
  ),
  fc.oneof(
    headerValue,
    fc.constantFrom(
      "application/json",
      "bytes=0-",
      "Basic QVdTOg==",
      "Basic ====",
      "AWS4-HMAC-SHA256 Credential=a/b/c/d/e",
      "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    ),
  ),
);
const headers = fc.array(header, { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs));
const method = fc.constantFrom(
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "PROPFIND",
);
const anyRequest = fc.record({ method, path, headers, body });

const TARGETS = {
  ecr: "AmazonEC2ContainerRegistry_V20150921",
  sqs: "AmazonSQS",
  dynamodb: "DynamoDB_20120810",
  events: "AWSEvents",
  ssm: "AmazonSSM",
} as const;
/** Reads alone: with a good signature a write that happens to be well-formed would be right to happen. */
const READS = {
  ecr: [
    "DescribeRepositories",
    "DescribeImages",
    "ListImages",
    "BatchGetImage",
    "GetAuthorizationToken",
    "DescribeRegistry",
    "DescribeImageReplicationStatus",
    "GetLifecyclePolicy",
    "BatchCheckLayerAvailability",
  ],
  sqs: ["GetQueueUrl", "GetQueueAttributes", "ListQueues", "ListMessageMoveTasks"],
  dynamodb: ["GetItem", "Query", "Scan", "BatchGetItem", "DescribeTable", "ListTables"],
  events: ["ListRules", "DescribeEventBus"],
  ssm: ["GetParameter", "GetParameters"],
} as const;
const signedRequest = fc
  .constantFrom(...(Object.keys(TARGETS) as (keyof typeof TARGETS)[]))
  .chain((service) => {
    const target = fc.constantFrom<string>(...READS[service]).map((name) => `${TARGETS[service]}.${name}`);
    return fc.record({ service: fc.constant(service), target, body, registry: fc.constantFrom(EAST, OTHER) });
  });

/** Not a 5xx, unless the one that S3 has for what it does not do; and in time, which `rawHttp` sees to. */
function expectRefusal(answer: RawAnswer): void {
  const notImplemented = answer.status === 501 && answer.text.includes("NotImplemented");
  if (answer.status >= 500 && !notImplemented) throw new Error(`${answer.status} ${answer.text}`);
}

test(`no request without a valid signature gets a 5xx or no answer, or writes anything`, {
  timeout: LONGEST * 6,
}, async () => {
  const { url } = standing.product();
  await fc.assert(
    fc.asyncProperty(anyRequest, async (request) => expectRefusal(await rawHttp(url, request))),
    { seed: SEED, numRuns: RUNS },
  );
});

test(`no signed request does either, whatever is in its body`, { timeout: LONGEST * 6 }, async () => {
  const { url } = standing.product();
  await fc.assert(
    fc.asyncProperty(signedRequest, async ({ service, target, body: text, registry }) => {
      const call = { service, headers: { "x-amz-target": target }, body: text };
      const answer = await signedCall(url, registry, call);
      expectRefusal(answer);
      if (registry === EAST) expect(answer.text).not.toContain(FOREIGN);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

const route = fc.constantFrom(
  "images",
  "violations",
  "replicas",
  "audit",
  "repositories",
  "tags/history",
  "dead-letters",
  "brake",
);
const apiQuery = fc.dictionary(
  fc.constantFrom(
    "account",
    "region",
    "repository",
    "tag",
    "digest",
    "limit",
    "cursor",
    "state",
    "day",
    "kind",
  ),
  fc.oneof(fc.constantFrom(EAST.account, EAST.region, REPOSITORY, "1.0.0"), fc.string({ maxLength: 30 })),
);

test("no question to the admin API does, whatever is in its path and query", {
  timeout: LONGEST * 6,
}, async () => {
  const { url } = standing.product();
  await fc.assert(
    fc.asyncProperty(route, fc.array(word, { maxLength: 2 }), apiQuery, async (name, words, asked) => {
      const target = `/api/v1/${[name, ...words.map(visible)].join("/")}?${new URLSearchParams(asked)}`;
      const answer = await signedCall(url, EAST, { service: "execute-api", method: "GET", path: target });
      expectRefusal(answer);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

/** What Node's own client refuses to put on the wire is of no use here. */
function visible(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]/g, "");
}
