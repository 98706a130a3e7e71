import { ECRClient } from "@aws-sdk/client-ecr";
import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";

export const ACCOUNT = "111122223333";

/** A registry for one test file, empty before every test, and the SDK's clients of it. */
export function withRegistry() {
  const clients: ECRClient[] = [];
  let server: RegistryServer;
  function client(account = ACCOUNT, region = "us-east-1"): ECRClient {
    const credentials = { accessKeyId: account, secretAccessKey: "test" };
    const made = new ECRClient({ endpoint: server.url, region, credentials, maxAttempts: 1 });
    clients.push(made);
    return made;
  }
  beforeAll(async () => {
    server = await startRegistryServer();
  });
  beforeEach(() => server.registry.reset());
  afterAll(async () => {
    for (const made of clients) made.destroy();
    expect(server.errors).toEqual([]);
    await server.close();
  });
  return {
    get server() {
      return server;
    },
    client,
  };
}
