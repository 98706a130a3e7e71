import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

let server: RegistryServer;
let client: RegistryClient;
beforeAll(async () => {
  server = await startRegistryServer();
  client = clientOf(server);
});
beforeEach(() => server.registry.reset());
afterAll(() => server.close());

describe("where AWS's documents disagree", () => {
  test.each([
    ["any", 200],
    ["letter", 400],
  ] as const)("a repository's name starts with %s character: a digit is %i", async (start, status) => {
    server.registry.setSwitches({ repositoryNameStart: start });
    expect((await client.api("CreateRepository", { repositoryName: "7up" })).status).toBe(status);
    expect((await client.api("CreateRepository", { repositoryName: "up7" })).status).toBe(200);
  });

  test.each([10, 25])("a replication configuration has at most %i rules", async (most) => {
    server.registry.setSwitches({ maxReplicationRules: String(most) });
    const destinations = [{ registryId: "111122223333", region: "us-west-2" }];
    const put = async (count: number) => {
      const replicationConfiguration = { rules: Array.from({ length: count }, () => ({ destinations })) };
      return client.api("PutReplicationConfiguration", { replicationConfiguration });
    };
    expect((await put(most)).status).toBe(200);
    expect((await put(most + 1)).body["__type"]).toBe("InvalidParameterException");
  });
});
