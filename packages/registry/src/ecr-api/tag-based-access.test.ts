import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import { evaluateAccess } from "@tallyman/domain/iam-policy/evaluate-access";
import { parsePolicy } from "@tallyman/domain/iam-policy/policy-document";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { anImage } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

/** The two examples of the Amazon ECR user guide, "Using tag-based access control", by the engine that decides here. */
const TAGGING = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["ecr:CreateRepository", "ecr:TagResource"], Resource: "*" }].map(
    (statement) => ({
      ...statement,
      Condition: { StringEquals: { "aws:RequestTag/environment": "dev" } },
    }),
  ),
};
const PULLING = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], Resource: "*" },
    {
      Effect: "Deny",
      Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Resource: "*",
      Condition: { StringEquals: { "ecr:ResourceTag/environment": "prod" } },
    },
  ],
};

let policy: object | undefined;
let server: RegistryServer;
let client: RegistryClient;

const authorize: Authorize = (request) => {
  if (policy === undefined) return { allowed: true };
  const document = parsePolicy(JSON.stringify(policy), "identity");
  const { caller, action, resource, resourceAccount, context = {} } = request;
  return evaluateAccess(
    { caller, action, resource, resourceAccount, context },
    { identity: [{ name: "example", document }] },
  );
};

beforeAll(async () => {
  server = await startRegistryServer({ authorize });
  client = clientOf(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  policy = undefined;
  await server.registry.reset();
});

const tags = (Value: string) => [{ Key: "environment", Value }];
const DENIED = "AccessDeniedException";

describe("tag-based access", () => {
  test("lets repositories be created and tagged as environment=dev alone", async () => {
    policy = TAGGING;
    const create = async (input: object) =>
      (await client.api("CreateRepository", { repositoryName: "team/app", ...input })).body["__type"];
    expect(await create({})).toBe(DENIED);
    expect(await create({ tags: tags("prod") })).toBe(DENIED);
    expect(await create({ tags: tags("dev") })).toBeUndefined();
    const resourceArn = "arn:aws:ecr:us-east-1:111122223333:repository/team/app";
    const tag = async (value: string) =>
      (await client.api("TagResource", { resourceArn, tags: tags(value) })).body["__type"];
    expect([await tag("prod"), await tag("dev")]).toEqual([DENIED, undefined]);
  });

  test("lets images be pulled from all repositories but those with environment=prod, also after a change", async () => {
    await client.api("CreateRepository", { repositoryName: "team/app", tags: tags("dev") });
    await client.push("team/app", anImage(), "1");
    const resourceArn = "arn:aws:ecr:us-east-1:111122223333:repository/team/app";
    const pull = async () => {
      policy = PULLING;
      const input = { repositoryName: "team/app", imageIds: [{ imageTag: "1" }] };
      const overApi = (await client.api("BatchGetImage", input)).body["__type"];
      const overV2 = await client.v2({ method: "GET", path: "/v2/team/app/manifests/1" });
      policy = undefined;
      return [overApi, overV2.status];
    };
    expect(await pull()).toEqual([undefined, 200]);
    await client.api("TagResource", { resourceArn, tags: tags("prod") });
    expect(await pull()).toEqual([DENIED, 403]);
    await client.api("UntagResource", { resourceArn, tagKeys: ["environment"] });
    expect(await pull()).toEqual([undefined, 200]);
  });
});
