import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeAwsChunked } from "./aws-chunked.ts";
import { createIdentity } from "./identity.ts";
import { verifySignature } from "./verify-signature.ts";

type Seen = {
  readonly service: string;
  readonly payload: string;
  readonly path: string;
  readonly data: string;
};

const identity = createIdentity({ now: () => new Date() });
let seen: Seen[];
let errors: unknown[];
let server: Server;
let client: S3Client;

beforeEach(async () => {
  seen = [];
  errors = [];
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const region = "us-east-1";
  client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
});

afterEach(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const headers = request.headers as Record<string, string>;
  try {
    const { service } = verifySignature(identity, {
      method: request.method ?? "",
      path,
      query,
      headers,
      body,
    });
    const payload = headers["x-amz-content-sha256"] ?? "";
    const length = headers["x-amz-decoded-content-length"];
    const data = length === undefined ? body : decodeAwsChunked(body, Number(length)).data;
    seen.push({ service, payload, path, data: Buffer.from(data).toString() });
    response.end();
  } catch (error) {
    errors.push(error);
    response.writeHead(403).end();
  }
}

describe("what the S3 client of the AWS SDK sends", () => {
  it.each(["plain", "with space", "a//b/../c", "ü/+(1)!*'", "sha256:ab%2F"])(
    "verifies for the key %j",
    async (Key) => {
      await client.send(new PutObjectCommand({ Bucket: "bucket", Key, Body: "content" }));
      await client.send(new GetObjectCommand({ Bucket: "bucket", Key })).catch(() => {});
      expect(errors).toEqual([]);
      expect(seen).toMatchObject([{ service: "s3", data: "content" }, { service: "s3" }]);
      expect(decodeURIComponent(seen[0]?.path ?? "")).toBe(`/bucket/${Key}`);
    },
  );

  it("verifies and decodes for a body that is a stream", async () => {
    const Body = Readable.from([Buffer.from("one "), Buffer.from("two")]);
    const input = { Bucket: "bucket", Key: "key", Body, ContentLength: 7 };
    await client.send(new PutObjectCommand(input));
    expect(errors).toEqual([]);
    expect(seen).toMatchObject([{ payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", data: "one two" }]);
  });

  it("verifies for a query with every kind of character", async () => {
    const input = { Bucket: "bucket", Prefix: "a b/+&=ü'(*)", Delimiter: "/" };
    await client.send(new ListObjectsV2Command(input)).catch(() => {});
    expect(errors).toEqual([]);
    expect(seen).toHaveLength(1);
  });
});
