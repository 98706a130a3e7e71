import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AwsError } from "./aws-service.ts";
import { readBody } from "./read-body.ts";

const LIMIT = 10;
let server: Server;
let outcome: Promise<Uint8Array>;

beforeEach(async () => {
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  outcome = promise;
  outcome.catch(() => undefined);
  server = createServer((req, res) => {
    const body = readBody(req, LIMIT);
    resolve(body);
    body.then(
      (bytes) => res.end(bytes),
      (error: unknown) => res.writeHead(error instanceof AwsError ? error.status : 500).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** A body in pieces, without a length that was said before. */
function inPieces(...pieces: readonly string[]): RequestInit {
  return { method: "POST", body: new Blob([...pieces]).stream(), duplex: "half" };
}

test.each([
  ["none", { method: "GET" }, ""],
  ["an empty one", { method: "POST", body: "" }, ""],
  ["as many bytes as the limit", { method: "POST", body: "0123456789" }, "0123456789"],
  ["pieces", inPieces("0123", "456789"), "0123456789"],
])("reads %s", async (_, init, expected) => {
  expect(await (await fetch(url(), init)).text()).toBe(expected);
});

test.each([
  ["says so", { method: "POST", body: "01234567890" }],
  ["does not say so", inPieces("0123456789", "0")],
])("refuses a body that is too long and %s, and can still answer", async (_, init) => {
  const answer = await fetch(url(), init);
  expect(answer.status).toBe(413);
});

test("fails when the client goes away in the middle", async () => {
  const sent = request(url(), { method: "POST", headers: { "content-length": 5 } });
  sent.on("error", () => undefined);
  sent.write("01");
  await once(server, "request");
  sent.destroy();
  await expect(outcome).rejects.toThrow();
});
