import { ECRClient } from "@aws-sdk/client-ecr";
import {
  type RegistryServer,
  type ServerOptions,
  startRegistryServer,
} from "@tallyman/registry/testing/registry-server";
import { afterAll, beforeAll, expect } from "vitest";

/** A registry and AWS's SDK as a client of it, for the tests of one file; errors of the registry's own fail them. */
export type SdkRegistry = { readonly server: RegistryServer; readonly ecr: ECRClient };

export function sdkRegistry(options: ServerOptions = {}): SdkRegistry {
  let parts: SdkRegistry | undefined;
  function started(): SdkRegistry {
    if (parts === undefined) throw new Error("the registry is there when tests run, not before");
    return parts;
  }
  beforeAll(async () => {
    const server = await startRegistryServer(options);
    const credentials = { accessKeyId: "111122223333", secretAccessKey: "test" };
    const ecr = new ECRClient({ endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 });
    parts = { server, ecr };
  });
  afterAll(async () => {
    if (parts === undefined) return;
    parts.ecr.destroy();
    expect(parts.server.errors).toEqual([]);
    await parts.server.close();
  });
  return {
    get server() {
      return started().server;
    },
    get ecr() {
      return started().ecr;
    },
  };
}
