import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { ADMIN, type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

const OTHER = "444455556666";
const heard = new Set<string>();
let server: RegistryServer;
let client: RegistryClient;

beforeAll(async () => {
  server = await startRegistryServer({
    hearsCalls: ({ account, region }, { readOnly }) => heard.has(`${account}/${region}/${readOnly}`),
  });
  client = clientOf(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  await server.registry.reset();
  heard.clear();
  server.events.length = 0;
});
const calls = () =>
  server.events.map(({ account, detail }) => [account, detail["eventName"], detail["errorCode"]]);

describe("an API call is written down", () => {
  test("for whoever hears of it, by account, Region and whether it only reads", async () => {
    const all = async () => {
      await client.api("CreateRepository", { repositoryName: `a/${server.events.length}${heard.size}` });
      await client.api("DescribeRegistry");
    };
    await all();
    heard.add(`${ADMIN.account}/us-west-2/false`);
    await all();
    expect(calls()).toEqual([]);
    heard.add(`${ADMIN.account}/us-east-1/false`);
    await all();
    expect(calls()).toEqual([[ADMIN.account, "CreateRepository", undefined]]);
    heard.add(`${ADMIN.account}/us-east-1/true`);
    await client.api("DescribeRegistry");
    expect(calls().at(-1)).toEqual([ADMIN.account, "DescribeRegistry", undefined]);
  });

  test("in the registry that it names, not in the caller's", async () => {
    heard.add(`${OTHER}/us-east-1/false`);
    await client.api("CreateRepository", { repositoryName: "a/b", registryId: OTHER });
    await client.api("CreateRepository", { repositoryName: "a/b" });
    expect(calls()).toEqual([[OTHER, "CreateRepository", undefined]]);
  });

  test("with its error when it was refused, and when its input could not be read", async () => {
    heard.add(`${ADMIN.account}/us-east-1/false`);
    await client.api("DeleteRepository", { repositoryName: "not/there" });
    await client.api("DeleteRepository", { repositoryName: 7, registryId: ["x"] });
    const body = Buffer.from('{"registryId":');
    await server.registry.callApi({
      operation: "DeleteRepository",
      body,
      caller: ADMIN,
      region: "us-east-1",
    });
    expect(calls().map(([, , error]) => error)).toEqual([
      "RepositoryNotFoundException",
      expect.stringMatching(/^(InvalidParameter|Serialization)Exception$/),
      "SerializationException",
    ]);
  });

  test("not at all if there is no such call", async () => {
    for (const readOnly of [true, false]) heard.add(`${ADMIN.account}/us-east-1/${readOnly}`);
    await client.api("BecomeRoot");
    expect(calls()).toEqual([]);
  });
});
