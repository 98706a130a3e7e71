import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { RegistryUnavailableError } from "@tallyman/domain/registry/errors";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import { type EcrRetries, ecrClients } from "./ecr-clients.ts";
import { ecrRegistryReader } from "./registry-reader.ts";

const CREDENTIALS = {
  accessKeyId: "test",
  secretAccessKey: "test",
  sessionToken: "test",
  expiration: new Date(Date.now() + 3_600_000),
};
let server: Server;
let refusals: number;
let asked: number;

beforeEach(async () => {
  asked = 0;
  server = createServer((_, response) => {
    const refused = ++asked <= refusals;
    const body = refused ? { __type: "ThrottlingException", message: "Rate exceeded" } : { imageDetails: [] };
    response.writeHead(refused ? 400 : 200, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${port}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

function reader(retries: EcrRetries) {
  const clients = ecrClients(() => async () => CREDENTIALS, retries);
  return { registry: ecrRegistryReader(clients), client: clients(HUB) };
}

test("adaptive: what is throttled is tried five times, then the registry is unavailable", async () => {
  refusals = Number.POSITIVE_INFINITY;
  const { registry, client } = reader("adaptive");
  const listing = Array.fromAsync(registry.listImages(aRepository()));
  await expect(listing).rejects.toThrow(RegistryUnavailableError);
  expect(asked).toBe(5);
  client.destroy();
});

test("adaptive: a client that was throttled goes on, and is one for all calls to a registry", async () => {
  refusals = 2;
  const { registry, client } = reader("adaptive");
  expect(await client.config.retryStrategy()).toMatchObject({ mode: "adaptive" });
  expect(await Array.fromAsync(registry.listImages(aRepository()))).toEqual([]);
  expect(await Array.fromAsync(registry.listImages(aRepository("team/app")))).toEqual([]);
  expect(asked).toBe(2 + 2);
  client.destroy();
});

test("what is never answered fails as a registry that cannot be asked, after five attempts", async () => {
  server.removeAllListeners("request");
  server.on("request", () => void asked++);
  const clients = ecrClients(() => async () => CREDENTIALS, "standard", 50);
  const listing = Array.fromAsync(ecrRegistryReader(clients).listImages(aRepository()));
  await expect(listing).rejects.toThrow(RegistryUnavailableError);
  expect(asked).toBe(5);
  clients(HUB).destroy();
});
