import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { AwsV4Signer } from "aws4fetch";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type SignedHttp, signedHttp } from "./signed-http.ts";

const KEYS = { accessKeyId: "AKIA", secretAccessKey: "secret/+=", sessionToken: "token" };
type Heard = { readonly request: IncomingMessage; readonly body: string };

let server: Server;
let heard: Heard[];
let breaks: number;
let send: SignedHttp;
let url: string;

beforeEach(async () => {
  heard = [];
  breaks = 0;
  server = createServer(async (request, response) => {
    heard.push({ request, body: await text(request) });
    if (breaks-- > 0) request.socket.resetAndDestroy();
    else response.end("answer");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  send = signedHttp({ service: "s3", region: "eu-central-1", credentials: async () => KEYS });
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** The signature that a signer of other people's gives the request that arrived. */
async function expected({ request, body }: Heard, service: string): Promise<string | null> {
  const { authorization = "", ...headers } = request.headers as Record<string, string>;
  const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";") ?? [];
  const signer = new AwsV4Signer({
    ...KEYS,
    service,
    region: "eu-central-1",
    method: request.method ?? "",
    url: `${url}${request.url}`,
    headers: Object.fromEntries(signed.map((name) => [name, headers[name] ?? ""])),
    datetime: headers["x-amz-date"] ?? "",
    body,
    allHeaders: true,
  });
  return (await signer.sign()).headers.get("authorization");
}

test.each([
  ["s3", "/archive/manifests/sha256%3Aabc", "PUT", "{}"],
  ["s3", "/archive/a%20b/%C3%A9", "GET", ""],
  ["sts", "/", "POST", "Action=AssumeRole"],
] as const)("signs for %s at %s as another signer does", async (service, path, method, body) => {
  const http = signedHttp({ service, region: "eu-central-1", credentials: async () => KEYS });
  const content = body === "" ? {} : { body, headers: { "content-type": "text/plain" } };
  const { status, bytes } = await http({ method, url: `${url}${path}`, ...content });
  expect([status, new TextDecoder().decode(bytes)]).toEqual([200, "answer"]);
  const [first] = heard;
  expect(first?.body).toBe(body);
  expect(first?.request.headers.authorization).toBe(first && (await expected(first, service)));
  expect(first?.request.headers.authorization).toContain("x-amz-security-token");
});

test("a connection that breaks is made again", async () => {
  breaks = 2;
  expect((await send({ method: "GET", url })).status).toBe(200);
  expect(heard).toHaveLength(3);
});

test("connections that keep breaking are an error", async () => {
  breaks = 3;
  await expect(send({ method: "GET", url })).rejects.toThrow(/ECONNRESET|hang up/);
});

test("the same connection carries one request after another", async () => {
  await send({ method: "GET", url });
  await send({ method: "GET", url });
  expect(new Set(heard.map(({ request }) => request.socket.remotePort)).size).toBe(1);
});
