import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AwsService } from "../http/aws-service.ts";
import { createAuthorizer } from "../identity/authorizer.ts";
import { createDenials } from "../identity/denials.ts";
import { createIdentity } from "../identity/identity.ts";
import { createIam } from "../identity-api/iam-service.ts";
import { schedulerApi } from "../schedules/scheduler-api.ts";
import { type MessagingWorld, messagingWorld } from "../testing/messaging-world.ts";
import { ACCOUNT, REGION } from "../testing/test-border.ts";
import { inspectorService } from "./inspector/inspector-service.ts";
import { createLambdaApi } from "./lambda/lambda-service.ts";

const caller = { account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/test` };
const faults = { failure: () => undefined };
const role = `arn:aws:iam::${ACCOUNT}:role/r`;

let world: MessagingWorld;
let services: Readonly<Record<"lambda" | "inspector2" | "scheduler" | "iam" | "events", AwsService>>;

beforeAll(async () => {
  world = messagingWorld();
  const identity = createIdentity({ now: () => new Date(0) });
  const authorizer = createAuthorizer({ identity, denials: createDenials() });
  identity.replaceRole({
    ...{ account: ACCOUNT, name: "r" },
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: ["lambda.amazonaws.com", "scheduler.amazonaws.com"] },
          Action: "sts:AssumeRole",
        },
      ],
    },
  });
  const digest = `sha256:${"a".repeat(64)}`;
  const lambda = await createLambdaApi({
    ...{ ...authorizer, identity, faults, declared: () => [] },
    images: { resolve: async (imageUri) => ({ imageUri, resolvedImageUri: imageUri, digest }) },
  });
  const image = { repository: "a/b", digest, tags: ["1"], scanFrequency: "SCAN_ON_PUSH" } as const;
  const images = { isActive: async () => true, list: async () => [{ ...image, pushedAt: new Date(0) }] };
  const fleet = { tasks: () => [], instances: () => [] };
  const { scheduler, services: messaging } = world.messaging;
  const events = messaging.find(({ signingName }) => signingName === "events");
  if (!events) throw new Error("EventBridge is among the services of messaging");
  services = {
    lambda: lambda.service,
    inspector2: inspectorService({ ...authorizer, faults, fleet, images, now: () => new Date(0) }),
    scheduler: schedulerApi({ ...authorizer, faults, scheduler, now: () => new Date(0) }),
    iam: (await createIam({ ...authorizer, identity, faults, declared: [] })).service,
    events,
  };
});
afterAll(() => world.stop());

type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly body: string;
};

async function answer(service: AwsService, { method, path, query = "", body }: Asked, target = "") {
  const answered = await service.handle({
    ...{ method, path, caller, account: ACCOUNT, region: REGION, address: "127.0.0.1" },
    headers: target === "" ? {} : { "x-amz-target": target },
    query: new URLSearchParams(query),
    body: Buffer.from(body),
  });
  return answered.status;
}

const word = fc.oneof(
  fc.constantFrom(
    "f",
    "default",
    "$LATEST",
    "1",
    "live",
    role,
    "arn:aws:ecs:us-east-1:1:cluster/c",
    "a/b:1",
    "",
  ),
  fc.string({ maxLength: 20, unit: "binary" }),
);
const value = fc.oneof(word, fc.jsonValue({ maxDepth: 2 }));
/** An object whose members have the names that the services know, with any values. */
const shaped = (names: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 }).map((input) => JSON.stringify(input));
const body = (...names: string[]) =>
  fc.oneof(shaped(names), fc.json(), fc.string({ unit: "binary" }), fc.constant(""));
const token = fc.oneof(
  word,
  fc.integer().map((n) => Buffer.from(String(n)).toString("base64url")),
);
const runs = { numRuns: 300 };

const lambdaNames = [
  "FunctionName",
  "Role",
  "PackageType",
  "Code",
  "Publish",
  "ImageUri",
  "Name",
  "FunctionVersion",
  "RoutingConfig",
  "Timeout",
  "Architectures",
  "Tags",
  "RevisionId",
];
const functions = "/2015-03-31/functions";

test("Lambda answers whatever it is sent with no error of its own", async () => {
  const create = { FunctionName: "f", Role: role, PackageType: "Image", Code: { ImageUri: "a/b:1" } };
  const made = { method: "POST", path: functions, body: JSON.stringify(create) };
  expect(await answer(services.lambda, made)).toBe(201);
  const path = fc.tuple(
    fc.constantFrom("", "/f", "/f:1"),
    fc.constantFrom("", "/code", "/configuration", "/versions", "/aliases", "/aliases/live"),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "POST", "PUT", "DELETE"),
      fc.oneof(
        path.map((parts) => parts.join("")),
        word.map((text) => `/${text}`),
      ),
      fc.record(
        { Qualifier: word, Marker: token, MaxItems: word, FunctionVersion: word },
        { requiredKeys: [] },
      ),
      body(...lambdaNames),
      async (method, rest, query, text) => {
        const asked = { method, path: `${functions}${rest}`, body: text };
        const status = await answer(services.lambda, { ...asked, query: String(new URLSearchParams(query)) });
        expect(status).toBeLessThan(500);
      },
    ),
    runs,
  );
});

const criterion = fc
  .record({
    comparison: fc.constantFrom("EQUALS", "NOT_EQUALS", "LIKE"),
    value: word,
    lowerInclusive: fc.double(),
    startInclusive: fc.double(),
  })
  .chain((whole) => fc.subarray(Object.entries(whole)).map((some) => Object.fromEntries(some)));
const criteria = ["accountId", "resourceId", "ecrImageInUseCount", "ecrImageLastInUseAt", "ecrImageTags"];
const filterCriteria = fc
  .dictionary(fc.constantFrom(...criteria), fc.array(criterion, { maxLength: 2 }), { maxKeys: 2 })
  .map((given) => JSON.stringify({ filterCriteria: given }));

test.each([
  ["/coverage/list", ["filterCriteria", "maxResults", "nextToken"]],
  ["/cluster/get", ["filter", "maxResults", "nextToken"]],
])("Inspector answers whatever is sent to %s with no error of its own", async (path, names) => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(filterCriteria, body(...names)), async (text) => {
      expect(await answer(services.inspector2, { method: "POST", path, body: text })).toBeLessThan(500);
    }),
    runs,
  );
});

const scheduleNames = [
  "ScheduleExpression",
  "ScheduleExpressionTimezone",
  "FlexibleTimeWindow",
  "State",
  "StartDate",
  "EndDate",
  "Target",
  "GroupName",
  "ActionAfterCompletion",
];

test("Scheduler answers whatever it is sent with no error of its own", async () => {
  const Target = { Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:q`, RoleArn: role };
  const whole = { ScheduleExpression: "rate(1 hour)", FlexibleTimeWindow: { Mode: "OFF" }, Target };
  const changed = fc
    .dictionary(fc.constantFrom(...scheduleNames), value, { maxKeys: 2 })
    .map((change) => JSON.stringify({ ...whole, ...change }));
  const expressions = fc.tuple(
    fc.constantFrom("rate", "cron", "at"),
    fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom("0 9 ? * * *", "1 hour", "2026-13-40T99:00:00")),
  );
  const timed = fc
    .tuple(expressions, word)
    .map(([[kind, inner], ScheduleExpressionTimezone]) =>
      JSON.stringify({ ...whole, ScheduleExpression: `${kind}(${inner})`, ScheduleExpressionTimezone }),
    );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "POST", "PUT", "DELETE"),
      fc.constantFrom("/schedules", "/schedules/s", "/schedules/a b"),
      fc.record({ groupName: word, NextToken: token, MaxResults: word, State: word }, { requiredKeys: [] }),
      fc.oneof(changed, timed, body(...scheduleNames)),
      async (method, path, query, text) => {
        const asked = { method, path, body: text, query: String(new URLSearchParams(query)) };
        expect(await answer(services.scheduler, asked)).toBeLessThan(500);
      },
    ),
    runs,
  );
});

const iamActions = [
  "CreateRole",
  "GetRole",
  "ListRoles",
  "PutRolePolicy",
  "GetRolePolicy",
  "AttachRolePolicy",
  "CreatePolicy",
  "CreatePolicyVersion",
  "TagRole",
  "UntagRole",
  "CreateInstanceProfile",
  "ListPolicies",
  "UpdateRole",
  "constructor",
];
const iamNames = [
  "RoleName",
  "PolicyName",
  "PolicyDocument",
  "AssumeRolePolicyDocument",
  "PolicyArn",
  "Path",
  "Tags.member.1.Key",
  "Tags.member.1.Value",
  "Tags",
  "TagKeys.member.1",
  "Marker",
  "MaxItems",
  "InstanceProfileName",
  "PathPrefix",
  "__proto__.member.1",
  "RoleName.member",
];

test("IAM answers whatever it is sent with no error of its own", async () => {
  const document = fc.oneof(word, fc.constant('{"Version":"2012-10-17","Statement":[]}'), fc.json());
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...iamActions),
      fc.array(fc.tuple(fc.constantFrom(...iamNames), fc.oneof(document, token)), { maxLength: 6 }),
      async (action, parameters) => {
        const form = new URLSearchParams([["Action", action], ...parameters]);
        const asked = { method: "POST", path: "/", body: String(form) };
        expect(await answer(services.iam, asked)).toBeLessThan(500);
      },
    ),
    runs,
  );
});

const ruleNames = [
  "Name",
  "Rule",
  "EventBusName",
  "EventPattern",
  "ScheduleExpression",
  "State",
  "Targets",
  "Ids",
  "Limit",
  "NextToken",
  "NamePrefix",
];

test("EventBridge answers whatever its rules are sent with no error of its own", async () => {
  const operations = [
    "PutRule",
    "PutTargets",
    "ListRules",
    "ListTargetsByRule",
    "DescribeRule",
    "DeleteRule",
    "RemoveTargets",
    "ListEventBuses",
    "EnableRule",
  ];
  const rule = fc
    .record({ EventPattern: fc.json(), ScheduleExpression: word, State: word }, { requiredKeys: [] })
    .map((input) => JSON.stringify({ Name: "r", ...input }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...operations),
      fc.oneof(rule, body(...ruleNames)),
      async (operation, text) => {
        const asked = { method: "POST", path: "/", body: text };
        expect(await answer(services.events, asked, `AWSEvents.${operation}`)).toBeLessThan(500);
      },
    ),
    runs,
  );
});
