import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { InvalidPolicyError } from "@tallyman/domain/policy/parse-policy";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { BucketError, type ErasableBucket, openBucket } from "./bucket.ts";
import { s3ManifestBodies } from "./manifest-bodies.ts";
import { s3PolicySource } from "./policy-source.ts";
import { s3RegistriesSource } from "./registries-source.ts";

type Heard = { readonly request: IncomingMessage; readonly body: Buffer };

let server: Server;
let heard: Heard[];
let objects: Map<string, Buffer>;
let failures: number[];
let bucket: ErasableBucket;

/** As much of S3 as is asked for: objects, If-None-Match, and failures to come. */
beforeEach(async () => {
  heard = [];
  objects = new Map();
  failures = [];
  server = createServer(async (request, response) => {
    const body = await buffer(request);
    heard.push({ request, body });
    const path = decodeURIComponent(request.url ?? "");
    const failure = failures.shift();
    if (failure) return void response.writeHead(failure).end("<Error><Code>SlowDown</Code></Error>");
    if (request.method === "GET") {
      const object = objects.get(path);
      return void (object
        ? response.end(object)
        : response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>"));
    }
    if (request.method === "DELETE") {
      objects.delete(path);
      return void response.writeHead(204).end();
    }
    if (request.headers["if-none-match"] === "*" && objects.has(path))
      return void response.writeHead(412).end();
    objects.set(path, body);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const credentials = async () => ({ accessKeyId: "AKIA", secretAccessKey: "secret", sessionToken: "token" });
  bucket = openBucket({ bucket: "archive", region: "eu-central-1", endpoint }, credentials);
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a bucket", () => {
  test("stores an object once, signed, and gives it back", async () => {
    expect(await bucket.putNew("manifests/a", "application/json", bytes("first"))).toBe(true);
    expect(await bucket.putNew("manifests/a", "application/json", bytes("second"))).toBe(false);
    expect(new TextDecoder().decode(await bucket.get("manifests/a"))).toBe("first");
    expect(heard[0]?.request.url).toBe("/archive/manifests/a");
    expect(heard[0]?.request.headers).toMatchObject({
      authorization: expect.stringMatching(/Credential=AKIA\/\d{8}\/eu-central-1\/s3\/aws4_request/),
      "content-type": "application/json",
      "x-amz-security-token": "token",
    });
  });

  test("that is throttled is asked again", async () => {
    failures = [503, 503];
    expect(await bucket.putNew("a", "text/plain", bytes("x"))).toBe(true);
    expect(heard).toHaveLength(3);
  });

  test("that stays throttled is an error, and so is an object that is not there", async () => {
    failures = [503, 503, 503];
    await expect(bucket.putNew("a", "text/plain", bytes("x"))).rejects.toThrow(
      /PUT a was answered 503 \(SlowDown\)/,
    );
    await expect(bucket.get("none")).rejects.toThrow(/GET none was answered 404 \(NoSuchKey\)/);
  });

  test("erases an object, also one that is gone; not where it may not", async () => {
    await bucket.put("usage/partial/a", "text/plain", bytes("x"));
    await bucket.erase("usage/partial/a");
    await bucket.erase("usage/partial/a");
    expect([...objects.keys()]).toEqual([]);
    failures = [403];
    await expect(bucket.erase("a")).rejects.toThrow(/DELETE a was answered 403/);
  });

  test("that is not there is an error", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(bucket.get("a")).rejects.toThrow(BucketError);
  });

  test("holds manifests by digest", async () => {
    await s3ManifestBodies(bucket).putBody(aDigest("a"), "application/json", bytes("{}"));
    expect([...objects.keys()]).toEqual([`/archive/manifests/${aDigest("a")}`]);
  });
});

describe("the policy", () => {
  const put = (document: unknown) =>
    objects.set("/archive/policy/current.json", Buffer.from(JSON.stringify(document)));

  test("is read once a minute, whichever way the clock goes", async () => {
    let now = 1_000_000;
    const source = s3PolicySource(bucket, "policy/current.json", () => now);
    put({ version: 1 });
    await source.currentPolicy();
    now += 59_999;
    await source.currentPolicy();
    expect(heard).toHaveLength(1);
    now += 1;
    put({ version: 1, notify: { slack: { channel: "#new" } } });
    expect((await source.currentPolicy()).notify?.slack.channel).toBe("#new");
    now -= 60_000;
    await source.currentPolicy();
    expect(heard).toHaveLength(3);
  });

  test("that is none, or is not there, is an error each time", async () => {
    const source = s3PolicySource(bucket, "policy/current.json");
    await expect(source.currentPolicy()).rejects.toThrow(BucketError);
    put({ version: 1, cleanup: {} });
    await expect(source.currentPolicy()).rejects.toThrow(InvalidPolicyError);
    objects.set("/archive/policy/current.json", Buffer.from("{"));
    await expect(source.currentPolicy()).rejects.toThrow(SyntaxError);
  });
});

describe("the declared registries", () => {
  const HUB = { account: "111122223333", region: "us-east-1" };
  const put = (document: unknown) =>
    objects.set("/archive/config/registries.json", Buffer.from(JSON.stringify(document)));

  test("are read once a minute, by however many ask at once", async () => {
    let now = 1_000_000;
    const source = s3RegistriesSource(bucket, "config/registries.json", () => now);
    put({ registries: [HUB] });
    const asked = await Promise.all(Array.from({ length: 10 }, () => source.declaredRegistries()));
    expect(asked[9]).toEqual([HUB]);
    expect(heard).toHaveLength(1);
    now += 60_000;
    put({ registries: [HUB, { ...HUB, region: "us-west-2" }] });
    expect(await source.declaredRegistries()).toHaveLength(2);
    expect(heard).toHaveLength(2);
  });

  test.each([
    ["no registry", { registries: [] }],
    ["a bad account", { registries: [{ account: "1", region: "us-east-1" }] }],
    ["a bad Region", { registries: [{ account: "111122223333", region: "here" }] }],
    ["one twice", { registries: [HUB, HUB] }],
    ["an unknown key", { registries: [HUB], accounts: [] }],
    ["a list", [HUB]],
  ])("with %s are an error, each time until they are right", async (_, document) => {
    const source = s3RegistriesSource(bucket, "config/registries.json");
    put(document);
    await expect(source.declaredRegistries()).rejects.toThrow();
    await expect(source.declaredRegistries()).rejects.toThrow();
    put({ registries: [HUB] });
    expect(await source.declaredRegistries()).toEqual([HUB]);
  });
});
