import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from "@aws-sdk/client-s3";
import { AwsClient } from "aws4fetch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FaultSettings } from "../faults/create-faults.ts";
import { ACCOUNT, REGION, startTestBorder, type TestBorder } from "../testing/test-border.ts";
import { bucketDefinition, initialObject } from "./bucket-definition.ts";
import { type Buckets, createBuckets } from "./buckets.ts";

const PLACE = { account: ACCOUNT, region: REGION };
const TEXT = { Bucket: "files", Key: "a/b c/ü+%.txt" };
const statement = (Action: string, Resource: string) => ({ Effect: "Allow", Action, Resource });
const document = (...Statement: object[]) => ({ Version: "2012-10-17", Statement });

let root: string;
let border: TestBorder;
let buckets: Buckets;
let clients: S3Client[];

async function start(): Promise<void> {
  clients = [];
  let built: Promise<Buckets> | undefined;
  border = await startTestBorder(
    (deps) => {
      built = createBuckets({ ...deps, directory: join(root, "data") });
      return {
        services: [
          {
            signingName: "s3",
            handle: async (request) => (await built)?.service.handle(request) ?? { status: 500 },
          },
        ],
      };
    },
    {
      reader: document(statement("s3:GetObject", "arn:aws:s3:::files/public/*")),
      lister: document(
        statement("s3:GetObject", "arn:aws:s3:::files/public/*"),
        statement("s3:ListBucket", "arn:aws:s3:::files"),
      ),
      denied: document(statement("s3:*", "*")),
    },
  );
  if (!built) throw new Error("the bucket was not built");
  buckets = await built;
  const policy = {
    bucket: "files",
    policy: document({
      Effect: "Deny",
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/denied` },
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::files/*",
    }),
  };
  await buckets.declare(bucketDefinition("Files", {}, PLACE, policy));
}

async function stop(): Promise<void> {
  for (const client of clients) client.destroy();
  await border.stop();
  await buckets.stop();
}

function s3(principal?: string, more = {}): S3Client {
  const client = new S3Client({ ...border.client(principal), forcePathStyle: true, ...more });
  clients.push(client);
  return client;
}

const put = (input: Partial<PutObjectCommandInput> = {}) =>
  s3().send(new PutObjectCommand({ ...TEXT, Body: "hello", ...input }));
const read = async (key = TEXT.Key) =>
  (await s3().send(new GetObjectCommand({ ...TEXT, Key: key }))).Body?.transformToString();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bucket-"));
  await start();
});
afterEach(async () => {
  await stop();
  await rm(root, { recursive: true });
});

describe("an object", () => {
  test("comes back as it was put: bytes, type, metadata, ETag", async () => {
    const done = await put({
      ContentType: "text/plain",
      Metadata: { team: "web" },
      CacheControl: "no-store",
    });
    expect(done.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    const head = await s3().send(new HeadObjectCommand(TEXT));
    const got = await s3().send(new GetObjectCommand(TEXT));
    for (const answer of [head, got]) {
      expect(answer).toMatchObject({
        ContentLength: 5,
        ContentType: "text/plain",
        Metadata: { team: "web" },
        CacheControl: "no-store",
        ETag: done.ETag,
      });
      expect(answer.LastModified).toBeInstanceOf(Date);
    }
    expect(await got.Body?.transformToString()).toBe("hello");
  });

  test("arrives whole as a stream in chunks with a trailing checksum", async () => {
    const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
    await writeFile(join(root, "big"), bytes);
    const body = createReadStream(join(root, "big"), { highWaterMark: 70_000 });
    await put({ Body: body, ContentLength: bytes.length, ContentEncoding: "gzip" });
    const got = await s3().send(new GetObjectCommand(TEXT));
    expect(Buffer.compare((await got.Body?.transformToByteArray()) ?? new Uint8Array(), bytes)).toBe(0);
    expect(got.ContentEncoding).toBe("gzip");
  });

  test("is replaced whole, deleted, and deleted again without complaint", async () => {
    await put();
    await put({ Body: "" });
    expect(await read()).toBe("");
    await s3().send(new DeleteObjectCommand(TEXT));
    await s3().send(new DeleteObjectCommand(TEXT));
    await expect(read()).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  test("with a wrong checksum is refused and not kept", async () => {
    await expect(put({ ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==" })).rejects.toMatchObject({
      name: "BadDigest",
    });
    await expect(
      put({ ChecksumSHA256: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }),
    ).rejects.toMatchObject({
      name: "BadDigest",
    });
    await expect(read()).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  test("cannot leave its bucket's folder, whatever its key", async () => {
    for (const key of ["../../escape", "/etc/passwd", "a\u0000b", "x".repeat(1024)]) {
      await put({ Key: key });
      expect(await read(key)).toBe("hello");
    }
    expect(await readdir(root)).toEqual(["data"]);
    expect(await readdir(join(root, "data"))).toEqual(["files"]);
    await expect(put({ Key: "x".repeat(1025) })).rejects.toMatchObject({ name: "KeyTooLongError" });
  });

  test("survives a restart; a file half written does not", async () => {
    await put();
    await writeFile(join(root, "data", "files", "half.tmp"), "half");
    await stop();
    await start();
    expect(await read()).toBe("hello");
    expect(await readdir(join(root, "data", "files"))).toHaveLength(1);
  });
});

describe("conditions", () => {
  test("If-None-Match: * lets one of many writers win", async () => {
    const tries = Array.from({ length: 8 }, (_, n) => put({ Body: String(n), IfNoneMatch: "*" }));
    const results = await Promise.allSettled(tries);
    const lost = results.filter((result) => result.status === "rejected");
    expect(lost).toHaveLength(7);
    for (const { reason } of lost) {
      expect(reason).toMatchObject({ name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } });
    }
    expect(await read()).toBe(String(results.findIndex((result) => result.status === "fulfilled")));
  });

  test("If-Match writes only over the version that was read", async () => {
    const { ETag } = await put();
    await put({ Body: "two", IfMatch: ETag });
    await expect(put({ Body: "three", IfMatch: ETag })).rejects.toMatchObject({ name: "PreconditionFailed" });
    expect(await read()).toBe("two");
  });
});

describe("a listing", () => {
  test("is in order of UTF-8 bytes, by prefix, by delimiter, page by page", async () => {
    const keys = ["a/1", "a/2", "b", "c/x/1", "c/y", "ﬀ", "😀", "<&>"];
    for (const Key of keys) await put({ Key });
    const all = await s3().send(new ListObjectsV2Command({ Bucket: "files" }));
    expect(all.Contents?.map((object) => object.Key)).toEqual([
      "<&>",
      "a/1",
      "a/2",
      "b",
      "c/x/1",
      "c/y",
      "ﬀ",
      "😀",
    ]);
    expect(all).toMatchObject({ IsTruncated: false, KeyCount: 8, Name: "files" });
    const pages: unknown[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3().send(
        new ListObjectsV2Command({
          Bucket: "files",
          Delimiter: "/",
          MaxKeys: 2,
          ...(ContinuationToken && { ContinuationToken }),
        }),
      );
      pages.push([
        ...(page.Contents ?? []).map((c) => c.Key),
        ...(page.CommonPrefixes ?? []).map((p) => p.Prefix),
      ]);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(pages).toEqual([
      ["<&>", "a/"],
      ["b", "c/"],
      ["ﬀ", "😀"],
    ]);
    const under = await s3().send(
      new ListObjectsV2Command({ Bucket: "files", Prefix: "c/", Delimiter: "/" }),
    );
    expect(under.Contents?.map((object) => object.Key)).toEqual(["c/y"]);
    expect(under.CommonPrefixes).toEqual([{ Prefix: "c/x/" }]);
  });
});

describe("access", () => {
  test("is by object; what is missing shows only to those who may list", async () => {
    await put({ Key: "public/a" });
    await put({ Key: "secret/a" });
    const get = (principal: string, Key: string) =>
      s3(principal).send(new GetObjectCommand({ Bucket: "files", Key }));
    expect((await get("reader", "public/a")).ContentLength).toBe(5);
    await expect(get("reader", "secret/a")).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(get("reader", "public/none")).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(get("lister", "public/none")).rejects.toMatchObject({ name: "NoSuchKey" });
    await expect(s3("reader").send(new PutObjectCommand({ ...TEXT, Body: "x" }))).rejects.toMatchObject({
      name: "AccessDenied",
      message: /is not authorized to perform: s3:PutObject on resource/,
    });
  });

  test("a bucket policy's Deny wins", async () => {
    await expect(s3("denied").send(new PutObjectCommand({ ...TEXT, Body: "x" }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
    await put();
    expect((await s3("denied").send(new HeadObjectCommand(TEXT))).ContentLength).toBe(5);
  });
});

describe("refusals", () => {
  test.each([
    [
      "a bucket nobody declared",
      () => s3().send(new GetObjectCommand({ Bucket: "none", Key: "k" })),
      "NoSuchBucket",
    ],
    [
      "another region's signature",
      () => s3(undefined, { region: "eu-central-1" }).send(new GetObjectCommand(TEXT)),
      "AuthorizationHeaderMalformed",
    ],
    ["a version", () => s3().send(new GetObjectCommand({ ...TEXT, VersionId: "1" })), "NotImplemented"],
  ])("%s", async (_, call, name) => {
    await expect(call()).rejects.toMatchObject({ name });
  });

  test("a fault that is switched on", async () => {
    border.faults.set(
      FaultSettings.parse({ operations: { "s3:PutObject": { status: 503, code: "SlowDown", times: 1 } } }),
    );
    await expect(put()).rejects.toMatchObject({ name: "SlowDown" });
    await put();
  });

  test("a bucket name in the host, with a hint", async () => {
    const port = new URL(border.url).port;
    const client = s3(undefined, { endpoint: `http://localhost:${port}`, forcePathStyle: false });
    await expect(client.send(new GetObjectCommand(TEXT))).rejects.toThrow(/path style|ENOTFOUND|EAI_AGAIN/);
  });
});

test("objects of a stack are there from the start, and again after a reset", async () => {
  await writeFile(join(root, "policy.json"), '{"a":1}');
  const resource = {
    bucket: "files",
    key: "p/current.json",
    source: "policy.json",
    contentType: "application/json",
  };
  await buckets.place(initialObject("P", resource, root));
  await buckets.place(initialObject("Q", { bucket: "files", key: "q", content: "text" }, root));
  expect(await read("p/current.json")).toBe('{"a":1}');
  await put({ Key: "p/current.json", Body: "changed" });
  await put();
  await buckets.clear();
  expect(await read("p/current.json")).toBe('{"a":1}');
  expect(await read("q")).toBe("text");
  await expect(read()).rejects.toMatchObject({ name: "NoSuchKey" });
  expect(() => initialObject("R", { bucket: "files", key: "r" }, root)).toThrow(/neither source nor content/);
});

test("aws4fetch writes and reads in path style", async () => {
  const client = new AwsClient({
    accessKeyId: "test",
    secretAccessKey: "test",
    service: "s3",
    region: REGION,
  });
  const url = `${border.url}/files/manifests/sha256%3Aabc`;
  const first = await client.fetch(url, { method: "PUT", body: "{}", headers: { "if-none-match": "*" } });
  expect(first.status).toBe(200);
  const second = await client.fetch(url, { method: "PUT", body: "{}", headers: { "if-none-match": "*" } });
  expect([second.status, await second.text()]).toEqual([
    412,
    expect.stringMatching(/<Code>PreconditionFailed<\/Code>/),
  ]);
  expect(await (await client.fetch(url)).text()).toBe("{}");
  const missing = await client.fetch(`${border.url}/files/none`);
  expect([missing.status, await missing.text()]).toEqual([
    404,
    expect.stringMatching(/<Code>NoSuchKey<\/Code>.*<Key>none<\/Key>/),
  ]);
});
