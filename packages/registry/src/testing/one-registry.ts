import assert from "node:assert/strict";
import { clientOf, type RegistryClient } from "./registry-client.ts";
import { type RegistryServer, startRegistryServer } from "./registry-server.ts";

/** A registry for the tests of one file, and an administrator's client of it. */
export type OneRegistry = {
  readonly server: RegistryServer;
  readonly client: RegistryClient;
  /** Before all tests. */
  readonly start: () => Promise<void>;
  /** Before each: nothing is there but the repository, nothing was told, switches are as at first. */
  readonly empty: () => Promise<void>;
  /** After all; throws for errors of the registry's own. */
  readonly close: () => Promise<void>;
};

/** With one repository, where it is named. */
export function oneRegistry(repositoryName?: string): OneRegistry {
  let started: { readonly server: RegistryServer; readonly client: RegistryClient } | undefined;
  function parts() {
    if (started === undefined) throw new Error("the registry is there when tests run, not before");
    return started;
  }
  return {
    get server() {
      return parts().server;
    },
    get client() {
      return parts().client;
    },
    async start() {
      const server = await startRegistryServer();
      started = { server, client: clientOf(server) };
    },
    async empty() {
      const { server } = parts();
      await server.registry.reset();
      server.events.length = 0;
      const client = clientOf(server); // An earlier one's token may have run out.
      started = { server, client };
      if (repositoryName !== undefined) await client.api("CreateRepository", { repositoryName });
    },
    async close() {
      const { server } = parts();
      await server.close();
      assert.deepEqual(server.errors, []);
    },
  };
}
