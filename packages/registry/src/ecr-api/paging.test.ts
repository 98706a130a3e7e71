import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anImage } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { ADMIN, type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

let server: RegistryServer;
let client: RegistryClient;
const COUNT = 13;
const repositoryName = "paged/images";
const previewed = "paged/previewed"; // Lifecycle rules do not select referrers, which the other images are.
const subject = anImage(["subject"]);
const names = Array.from({ length: COUNT }, (_, n) => `n${String(n).padStart(2, "0")}`);
const lifecyclePolicyText = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 1 },
      action: { type: "expire" },
    },
  ],
});

beforeAll(async () => {
  server = await startRegistryServer();
  client = clientOf(server);
  for (const name of [repositoryName, previewed])
    await client.api("CreateRepository", { repositoryName: name });
  const descriptor = { mediaType: subject.mediaType, digest: subject.digest, size: subject.bytes.byteLength };
  for (const name of names) {
    await client.api("CreateRepository", { repositoryName: name });
    await client.api("CreatePullThroughCacheRule", {
      ecrRepositoryPrefix: name,
      upstreamRegistryUrl: "quay.io",
    });
    await client.api("CreateRepositoryCreationTemplate", { prefix: name, appliedFor: ["REPLICATION"] });
    const principalArn = `arn:aws:iam::111122223333:role/${name}`;
    await client.api("RegisterPullTimeUpdateExclusion", { principalArn });
    await client.push(repositoryName, anImage([name], { subject: descriptor }), name);
    await client.push(previewed, anImage([name]), name);
  }
  await client.api("StartLifecyclePolicyPreview", { repositoryName: previewed, lifecyclePolicyText });
  server.clock.now = new Date(server.clock.now.getTime() + 60_000);
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

/** Operation, its input, the list that it pages through, and how many of it there are. */
const PAGED = [
  ["DescribeRepositories", {}, "repositories", COUNT + 2],
  ["DescribePullThroughCacheRules", {}, "pullThroughCacheRules", COUNT],
  ["DescribeRepositoryCreationTemplates", {}, "repositoryCreationTemplates", COUNT],
  ["ListPullTimeUpdateExclusions", {}, "pullTimeUpdateExclusions", COUNT],
  ["DescribeImages", { repositoryName }, "imageDetails", COUNT],
  ["ListImages", { repositoryName }, "imageIds", COUNT],
  ["ListImageReferrers", { repositoryName, subjectId: { imageDigest: subject.digest } }, "referrers", COUNT],
  ["GetLifecyclePolicyPreview", { repositoryName: previewed }, "previewResults", COUNT - 1],
] as const;

type Page = { readonly items: readonly unknown[]; readonly nextToken: string | undefined };

async function page(operation: string, input: object, list: string): Promise<Page> {
  const { status, body } = await client.api(operation, input);
  expect([status, body["__type"]]).toEqual([200, undefined]);
  return {
    items: body[list] as unknown as readonly unknown[],
    nextToken: body["nextToken"] as unknown as string | undefined,
  };
}

describe.each(PAGED)("the pages of %s", (operation, input, list, count) => {
  test("are together the whole, once, whatever their sizes", async () => {
    const { items: whole } = await page(operation, { ...input, maxResults: 50 }, list);
    expect(new Set(whole.map((item) => JSON.stringify(item))).size).toBe(count);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }),
        async (sizes) => {
          const seen: unknown[] = [];
          let nextToken: string | undefined;
          let number = 0;
          do {
            const maxResults = sizes[number++ % sizes.length] ?? 1;
            const next = await page(operation, { ...input, maxResults, nextToken }, list);
            expect(next.items.length).toBeLessThanOrEqual(maxResults);
            seen.push(...next.items);
            nextToken = next.nextToken;
          } while (nextToken !== undefined);
          expect(seen).toEqual(whole);
        },
      ),
      { numRuns: 15 },
    );
  });

  test("end without a token exactly when nothing is left", async () => {
    expect((await page(operation, { ...input, maxResults: count }, list)).nextToken).toBeUndefined();
    expect((await page(operation, { ...input, maxResults: count - 1 }, list)).nextToken).toBeDefined();
  });

  test("are not continued by a token of another query", async () => {
    const { nextToken } = await page(operation, { ...input, maxResults: 1 }, list);
    const foreign: (readonly [string, object])[] = PAGED.filter(([other]) => other !== operation).map(
      ([other, its]) => [other, { ...its, nextToken }],
    );
    const west = clientOf(server, { region: "us-west-2" });
    const other = clientOf(server, { caller: { ...ADMIN, account: "444455556666" } });
    const refusals = [
      ...foreign.map(([name, its]) => client.api(name, its)),
      west.api(operation, { ...input, nextToken }),
      other.api(operation, { ...input, nextToken }),
      ...["", "x", `${nextToken}AAAA`, String(nextToken).slice(1), "é".repeat(40)].map((bad) =>
        client.api(operation, { ...input, nextToken: bad }),
      ),
    ];
    for (const { body } of await Promise.all(refusals)) {
      expect(body["__type"]).toBe("InvalidParameterException");
      expect(body["message"]).toContain("'nextToken'");
    }
  });
});

describe("a token", () => {
  test.each([
    ["DescribeImages", { tagStatus: "TAGGED" }],
    ["ListImages", { tagStatus: "TAGGED" }],
    ["ListImages", { imageStatus: "ANY" }],
  ])("of %s is bound to its filter %j", async (operation, filter) => {
    const { nextToken } = (await client.api(operation, { repositoryName, maxResults: 1, filter })).body;
    expect((await client.api(operation, { repositoryName, nextToken, filter })).status).toBe(200);
    const { body } = await client.api(operation, { repositoryName, nextToken });
    expect(body["message"]).toContain("'nextToken'");
  });

  test("outlives a restart", async () => {
    const { nextToken } = (await client.api("DescribeRepositories", { maxResults: 3 })).body;
    await server.restart();
    const next = await page("DescribeRepositories", { maxResults: 1, nextToken }, "repositories");
    expect(next.items).toMatchObject([{ repositoryName: names[3] }]);
  });

  test.each([
    ["DescribeRepositories", { repositoryNames: ["n00"] }],
    ["DescribePullThroughCacheRules", { ecrRepositoryPrefixes: ["n00"] }],
    ["DescribeRepositoryCreationTemplates", { prefixes: ["n00"] }],
    ["DescribeImages", { repositoryName, imageIds: [{ imageTag: "n00" }] }],
    ["GetLifecyclePolicyPreview", { repositoryName: previewed, imageIds: [{ imageTag: "n00" }] }],
  ])("or a page size do not go with the names of what is asked for: %s", async (operation, input) => {
    expect((await client.api(operation, input)).status).toBe(200);
    const { body } = await client.api(operation, { ...input, maxResults: 2 });
    expect([body["__type"], String(body["message"]).includes("'maxResults'")]).toEqual([
      "InvalidParameterException",
      true,
    ]);
  });
});
