import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { ECRClient } from "@aws-sdk/client-ecr";
import { RegistryUnavailableError } from "@tallyman/domain/registry/errors";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import { ecrManifestReader } from "./manifest-reader.ts";
import { isPullTimeExclusion } from "./pull-time-exclusions.ts";
import { ecrRegistryReader } from "./registry-reader.ts";
import { ecrReplicationReader } from "./replication-reader.ts";

// What a registry that behaves does not answer: pages, refusals, and answers that nobody documented.

type Input = Record<string, unknown>;
type Answer = { readonly status?: number; readonly body: unknown };

const web = aRepository();
const ARN = "arn:aws:iam::111122223333:role/tallyman-reader";
let server: Server;
let client: ECRClient;
let inputs: Input[];
let answers: Record<string, (input: Input) => Answer>;
const clients = () => client;

beforeEach(async () => {
  inputs = [];
  answers = { ListPullTimeUpdateExclusions: () => ({ body: { pullTimeUpdateExclusions: [ARN] } }) };
  server = createServer(async (request, response) => {
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const input = JSON.parse(await text(request)) as Input;
    inputs.push({ operation, ...input });
    const { status = 200, body } = answers[operation]?.(input) ?? refused("UnknownOperationException");
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  client = new ECRClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
});

afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

function refused(code: string): Answer {
  return { status: 400, body: { __type: code, message: "no" } };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("listing images", () => {
  test("goes on to the last page, also over an empty one, and asks for archived images too", async () => {
    answers["DescribeImages"] = ({ nextToken }) => {
      if (nextToken === undefined)
        return { body: { imageDetails: [{ imageDigest: aDigest("a") }], nextToken: "2" } };
      if (nextToken === "2") return { body: { imageDetails: [], nextToken: "3" } };
      return { body: { imageDetails: [{ imageDigest: aDigest("b"), imageStatus: "ARCHIVED" }] } };
    };
    const images = await all(ecrRegistryReader(clients).listImages(web));
    expect(images).toEqual([
      { digest: aDigest("a"), tags: [], status: "ACTIVE" },
      { digest: aDigest("b"), tags: [], status: "ARCHIVED" },
    ]);
    for (const input of inputs) {
      expect(input).toMatchObject({
        registryId: web.account,
        filter: { imageStatus: "ANY" },
        maxResults: 1000,
      });
    }
  });

  test("that breaks off on the second page is an error, never a short list", async () => {
    answers["DescribeImages"] = ({ nextToken }) =>
      nextToken ? refused("ThrottlingException") : { body: { imageDetails: [], nextToken: "2" } };
    await expect(all(ecrRegistryReader(clients).listImages(web))).rejects.toThrow(RegistryUnavailableError);
  });
});

describe("finding an image", () => {
  test.each(["AccessDeniedException", "ThrottlingException", "ServerException", "InvalidParameterException"])(
    "that is answered with %s is an error with its cause, not an image that is gone",
    async (code) => {
      answers["DescribeImages"] = () => refused(code);
      const found = ecrRegistryReader(clients).findImage(web, { tag: "latest" });
      await expect(found).rejects.toThrow(RegistryUnavailableError);
      await expect(found).rejects.toMatchObject({ cause: { name: code } });
    },
  );

  test.each<[string, unknown]>([
    [
      "a status that nobody documented",
      { imageDetails: [{ imageDigest: aDigest("a"), imageStatus: "LOST" }] },
    ],
    ["no digest", { imageDetails: [{ imageTags: ["latest"] }] }],
    ["no image, which is not to say that there is none", { imageDetails: [] }],
  ])("that is answered with %s is an error", async (_, body) => {
    answers["DescribeImages"] = () => ({ body });
    const found = ecrRegistryReader(clients).findImage(web, { tag: "latest" });
    await expect(found).rejects.toThrow(RegistryUnavailableError);
  });
});

test.each([
  ["a tag that ECR takes for none", () => ({ status: 400, body: { __type: "InvalidParameterException" } })],
  [
    "an image of which something unheard of is said",
    () => ({
      body: { imageDetails: [{ imageDigest: aDigest("a"), imageStatus: "LOST", imageTags: ["bad"] }] },
    }),
  ],
])("%s fails nobody else's question that was asked with it", async (_, spoilt) => {
  answers["DescribeImages"] = (input) => {
    const ids = input["imageIds"] as readonly { readonly imageTag: string }[];
    if (ids.some(({ imageTag }) => imageTag === "bad")) return spoilt();
    return { body: { imageDetails: [{ imageDigest: aDigest("b"), imageTags: ["good"] }] } };
  };
  const reader = ecrRegistryReader(clients, { together: true });
  const [bad, good] = await Promise.allSettled([
    reader.findImage(web, { tag: "bad" }),
    reader.findImage(web, { tag: "good" }),
  ]);
  expect(bad).toMatchObject({ status: "rejected", reason: expect.any(RegistryUnavailableError) });
  expect(good).toMatchObject({ status: "fulfilled", value: { digest: aDigest("b") } });
});

describe("reading a manifest", () => {
  const manifest = "{}";
  const digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
  const gotten = { images: [{ imageManifest: manifest, imageManifestMediaType: "application/json" }] };
  const reads = () => inputs.filter((input) => input["operation"] === "BatchGetImage").length;
  const checks = () => inputs.length - reads();

  test("is not tried while the exclusion is missing, and that is looked up once a minute", async () => {
    let now = 0;
    answers["ListPullTimeUpdateExclusions"] = () => ({
      body: { pullTimeUpdateExclusions: [`${ARN}-other`] },
    });
    const reader = ecrManifestReader(clients, "tallyman-reader", () => now);
    expect(await reader.readManifest(web, digest)).toEqual({ unread: "exclusion-missing" });
    now += 59_999;
    await reader.readManifest(web, digest);
    expect([reads(), checks()]).toEqual([0, 1]);
    now += 1;
    await reader.readManifest(web, digest);
    expect([reads(), checks()]).toEqual([0, 2]);
  });

  test("looks the exclusion up once an hour", async () => {
    let now = 0;
    answers["BatchGetImage"] = () => ({ body: gotten });
    const reader = ecrManifestReader(clients, "tallyman-reader", () => now);
    await reader.readManifest(web, digest);
    now += 60 * 60_000 - 1;
    await reader.readManifest(web, digest);
    expect([reads(), checks()]).toEqual([2, 1]);
    now += 1;
    await reader.readManifest(web, digest);
    expect(checks()).toBe(2);
  });

  test("asks for indexes as they are", async () => {
    answers["BatchGetImage"] = () => ({ body: gotten });
    await ecrManifestReader(clients, "tallyman-reader").readManifest(web, digest);
    expect(inputs.at(-1)?.["acceptedMediaTypes"]).toContain("application/vnd.oci.image.index.v1+json");
  });

  test.each<[string, unknown, unknown]>([
    ["not found", { failures: [{ failureCode: "ImageNotFound" }] }, { unread: "not-found" }],
    ["archived", { failures: [{ failureCode: "ImageInaccessible" }] }, { unread: "inaccessible" }],
  ])("of an image that is %s says so", async (_, body, unread) => {
    answers["BatchGetImage"] = () => ({ body });
    expect(await ecrManifestReader(clients, "tallyman-reader").readManifest(web, digest)).toEqual(unread);
  });

  test.each<[string, unknown]>([
    ["another manifest", { images: [{ imageManifest: "[]", imageManifestMediaType: "application/json" }] }],
    ["nothing", {}],
    ["a failure that nobody documented", { failures: [{ failureCode: "KmsError" }] }],
  ])("that is answered with %s is an error", async (_, body) => {
    answers["BatchGetImage"] = () => ({ body });
    const read = ecrManifestReader(clients, "tallyman-reader").readManifest(web, digest);
    await expect(read).rejects.toThrow(RegistryUnavailableError);
  });
});

test("an exclusion on the second page is found", async () => {
  answers["ListPullTimeUpdateExclusions"] = ({ nextToken }) => ({
    body: nextToken ? { pullTimeUpdateExclusions: [ARN] } : { pullTimeUpdateExclusions: [], nextToken: "2" },
  });
  expect(await isPullTimeExclusion(clients, web, "tallyman-reader")).toBe(true);
});

test.each(["ImageNotFoundException", "ValidationException"])(
  "an image without replication has no statuses, also where that is said by %s",
  async (code) => {
    answers["DescribeImageReplicationStatus"] = () => refused(code);
    expect(await ecrReplicationReader(clients).replicationStatus(web, aDigest("a"))).toEqual([]);
  },
);

test("a question for a replication status that is refused otherwise is not answered", async () => {
  answers["DescribeImageReplicationStatus"] = () => refused("InvalidParameterException");
  const asked = ecrReplicationReader(clients).replicationStatus(web, aDigest("a"));
  await expect(asked).rejects.toThrow(RegistryUnavailableError);
});

test("a replication filter of a type that we do not know is an error, not a rule for everything", async () => {
  const rule = { destinations: [], repositoryFilters: [{ filter: "x", filterType: "SUFFIX_MATCH" }] };
  answers["DescribeRegistry"] = () => ({ body: { replicationConfiguration: { rules: [rule] } } });
  await expect(ecrReplicationReader(clients).replicationRules(web)).rejects.toThrow(RegistryUnavailableError);
});

test("a copy's status is read with the destination and the reason of its failure", async () => {
  const status = {
    region: "us-west-2",
    registryId: "444455556666",
    status: "FAILED",
    failureCode: "AccessDenied",
  };
  answers["DescribeImageReplicationStatus"] = () => ({ body: { replicationStatuses: [status] } });
  expect(await ecrReplicationReader(clients).replicationStatus(web, aDigest("a"))).toEqual([
    { account: "444455556666", region: "us-west-2", status: "FAILED", failureCode: "AccessDenied" },
  ]);
});
