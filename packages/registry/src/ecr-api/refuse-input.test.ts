import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OPERATION_INPUTS } from "../testing/operation-inputs.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { ADMIN, type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

let server: RegistryServer;
let client: RegistryClient;

beforeAll(async () => {
  server = await startRegistryServer();
  client = clientOf(server);
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

const name = { repositoryName: "team/app" };
const NAME_PATTERN = String.raw`[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*`;

describe("a broken constraint is told in ECR's words", () => {
  test.each([
    ["ListImages", {}, "repositoryName", "must not be null"],
    ["ListImages", { repositoryName: null }, "repositoryName", "must not be null"],
    ["ListImages", { repositoryName: "a" }, "repositoryName", "must have length greater than or equal to 2"],
    [
      "ListImages",
      { repositoryName: "a".repeat(257) },
      "repositoryName",
      "must have length less than or equal to 256",
    ],
    [
      "ListImages",
      { repositoryName: "Bad_Name!" },
      "repositoryName",
      `must satisfy regular expression '${NAME_PATTERN}'`,
    ],
    [
      "DescribeRepositories",
      { repositoryNames: ["Bad_Name!"] },
      "repositoryName",
      `must satisfy regular expression '${NAME_PATTERN}'`,
    ],
    ["ListImages", { ...name, registryId: "1" }, "registryId", "must satisfy regular expression '[0-9]{12}'"],
    [
      "ListImages",
      { ...name, maxResults: 1001 },
      "maxResults",
      "Member must have value less than or equal to 1000",
    ],
    [
      "BatchGetImage",
      { ...name, imageIds: Array.from({ length: 101 }, () => ({ imageTag: "1" })) },
      "imageIds",
      "Member must have length less than or equal to 100",
    ],
    [
      "BatchGetImage",
      { ...name, imageIds: [{ imageTag: "1" }, { imageTag: "" }] },
      "imageIds.2.member.imageTag",
      "Member must have length greater than or equal to 1",
    ],
    [
      "GetAuthorizationToken",
      { registryIds: ["x"] },
      "registryIds",
      "Member must satisfy constraint: [Member must satisfy regular expression pattern: [0-9]{12}]",
    ],
    ["PutImageTagMutability", name, "imageTagMutability", "Member must not be null"],
    [
      "PutImageTagMutability",
      { ...name, imageTagMutability: "WRONG" },
      "imageTagMutability",
      "Member must satisfy enum value set: [IMMUTABLE, MUTABLE, MUTABLE_WITH_EXCLUSION, IMMUTABLE_WITH_EXCLUSION]",
    ],
    [
      "CreateRepository",
      { ...name, tags: [{ Key: "a", Value: "b" }, { Value: "b" }] },
      "tags.2.member.key",
      "Member must not be null",
    ],
    [
      "PutRegistryScanningConfiguration",
      { rules: [{ scanFrequency: "MANUAL", repositoryFilters: [{ filter: "A", filterType: "WILDCARD" }] }] },
      "rules.1.member.repositoryFilters.1.member.filter",
      String.raw`Member must satisfy regular expression pattern: [a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*`,
    ],
  ])("%s with %j", async (operation, input, member, constraint) => {
    const { status, body } = await client.api(operation, input);
    expect([status, body]).toEqual([
      400,
      {
        __type: "InvalidParameterException",
        message: `Invalid parameter at '${member}' failed to satisfy constraint: '${constraint}'`,
      },
    ]);
  });
});

describe("a JSON type that is not the member's is a SerializationException", () => {
  test.each([
    ["[]", "Start of list found where not expected"],
    ["7", "Expected structure or null"],
    ['{"repositoryName":7}', "NUMBER_VALUE can not be converted to a String"],
    ['{"repositoryName":true}', "TRUE_VALUE can not be converted to a String"],
    ['{"repositoryName":["a"]}', "Start of list found where not expected"],
    ['{"repositoryName":{"a":1}}', "Start of structure or map found where not expected."],
    ['{"repositoryName":"team/app","maxResults":"7"}', "STRING_VALUE can not be converted to an Integer"],
    ['{"repositoryName":"team/app","maxResults":1.5}', "DECIMAL_VALUE can not be converted to an Integer"],
    ['{"repositoryName":"team/app","filter":"x"}', "Expected structure or null"],
    [
      '{"repositoryName":"team/app","filter":{"tagStatus":7}}',
      "NUMBER_VALUE can not be converted to a String",
    ],
    [
      '{"repositoryName":"!","maxResults":"seen before the name"}',
      "STRING_VALUE can not be converted to an Integer",
    ],
    ["{", "The request body is not valid JSON"],
    [`{"x":${"[".repeat(200)}${"]".repeat(200)}}`, "The request body is nested too deeply"],
  ])("%s", async (text, message) => {
    const body = Buffer.from(text);
    const answer = await server.registry.callApi({
      operation: "ListImages",
      body,
      caller: ADMIN,
      region: "us-east-1",
    });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      400,
      { __type: "SerializationException", message },
    ]);
  });

  test("a list, a flag and a map are told apart too", async () => {
    const types = async (operation: string, input: object) =>
      (await client.api(operation, input)).body["message"];
    expect(await types("BatchGetImage", { ...name, imageIds: "x" })).toBe("Expected list or null");
    expect(await types("BatchGetImage", { ...name, imageIds: ["x"] })).toBe("Expected structure or null");
    expect(await types("DeleteRepository", { ...name, force: "yes" })).toBe(
      "STRING_VALUE can not be converted to a Boolean",
    );
  });
});

describe("what the model does not forbid is let through", () => {
  test("members that are null were not set, members that nobody knows are passed over", async () => {
    const input = {
      repositoryName: "null/members",
      imageTagMutability: null,
      tags: null,
      unknown: { deep: [1] },
    };
    expect((await client.api("CreateRepository", input)).status).toBe(200);
  });

  test.each(Object.entries(OPERATION_INPUTS))(
    "%s takes the least that it needs",
    async (operation, input) => {
      const { body } = await client.api(operation, input);
      expect(["UnknownOperationException", "SerializationException", "ServerException"]).not.toContain(
        body["__type"],
      );
      expect(body["message"] ?? "").not.toContain("failed to satisfy constraint: 'Member must");
    },
  );
});
