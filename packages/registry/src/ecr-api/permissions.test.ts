import type { AuthorizationRequest } from "@tallyman/domain/iam-policy/authorize";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OPERATION_INPUTS } from "../testing/operation-inputs.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";
import { OPERATIONS } from "./operations.ts";

const asked: AuthorizationRequest[] = [];
let refuse = true;
let server: RegistryServer;
let client: RegistryClient;

beforeAll(async () => {
  server = await startRegistryServer({
    authorize(request) {
      asked.push(request);
      return refuse ? { allowed: false, explicitDeny: false, message: "no" } : { allowed: true };
    },
  });
  client = clientOf(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  await server.registry.reset();
  refuse = true;
  asked.length = 0;
});

const repository = "arn:aws:ecr:us-east-1:111122223333:repository/team/app";
/** Operations whose permission has another name than they have, or that are asked of more than one resource. */
const OTHERWISE: Readonly<Record<string, { readonly action?: string; readonly resource?: string }>> = {
  DescribeRepositories: { resource: "arn:aws:ecr:us-east-1:111122223333:repository/*" },
  ListImageReferrers: { action: "ecr:BatchGetImage" },
};

function resourceOf(input: object): string {
  const text = JSON.stringify(input);
  return text.includes("team/app") ? repository : "*";
}

describe("who may call an operation", () => {
  test("is asked of each of them", () => {
    expect(Object.keys(OPERATION_INPUTS).toSorted()).toEqual([...OPERATIONS.keys()].toSorted());
  });

  test.each(Object.entries(OPERATION_INPUTS))(
    "%s asks for its permission before it looks at anything",
    async (name, input) => {
      const { status, body } = await client.api(name, input);
      expect([status, body]).toEqual([400, { __type: "AccessDeniedException", message: "no" }]);
      const { action = `ecr:${name}`, resource = resourceOf(input) } = OTHERWISE[name] ?? {};
      expect(asked[0]).toMatchObject({ action, resource, resourceAccount: "111122223333" });
    },
  );

  test("an operation on another account's registry is asked of that registry", async () => {
    const { body } = await client.api("ListImages", {
      repositoryName: "team/app",
      registryId: "444455556666",
    });
    expect(body["__type"]).toBe("AccessDeniedException");
    expect(asked).toMatchObject([
      { resource: repository.replace("111122223333", "444455556666"), resourceAccount: "444455556666" },
    ]);
    await client.api("TagResource", {
      resourceArn: repository.replace("111122223333", "444455556666"),
      tags: [],
    });
    expect(asked[1]).toMatchObject({ resourceAccount: "444455556666" });
  });

  test("conditions see the tags that a request brings", async () => {
    const tags = [{ Key: "Team", Value: "a" }];
    await client.api("CreateRepository", { repositoryName: "team/app", tags });
    await client.api("TagResource", { resourceArn: repository, tags });
    await client.api("UntagResource", { resourceArn: repository, tagKeys: ["Team"] });
    const brought = { "aws:requesttag/team": "a", "aws:tagkeys": ["Team"] };
    const contexts = asked.map(({ context }) => context);
    expect(contexts).toMatchObject([brought, brought, { "aws:tagkeys": ["Team"] }]);
  });

  test("conditions see the tags that a repository has, also on /v2", async () => {
    refuse = false;
    const tags = [{ Key: "Team", Value: "a" }];
    await client.api("CreateRepository", { repositoryName: "team/app", tags });
    asked.length = 0;
    await client.api("ListImages", { repositoryName: "team/app" });
    await client.v2({ method: "GET", path: "/v2/team/app/manifests/1" });
    const had = { "aws:resourcetag/team": "a", "ecr:resourcetag/team": "a" };
    const contexts = asked
      .filter(({ resource }) => resource === repository)
      .map(({ action, context }) => [action, context]);
    expect(contexts).toMatchObject([
      ["ecr:ListImages", had],
      ["ecr:BatchGetImage", had],
    ]);
  });
});
