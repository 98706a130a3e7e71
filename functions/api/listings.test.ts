import { parseManifest } from "@tallyman/domain/manifest/parse-manifest";
import { beforeEach, describe, expect, test } from "vitest";
import { anApiEvent } from "../../test/builders/api-event.ts";
import { aDigest } from "../../test/builders/digest.ts";
import { aManifest, anIndex } from "../../test/builders/manifest.ts";
import { aSummary } from "../../test/builders/records.ts";
import { aRepository } from "../../test/builders/registry.ts";
import { aLambdaContext } from "../../test/builders/sqs-event.ts";
import { type MemoryApi, memoryApi } from "../../test/fakes/memory-api.ts";
import { createHandler } from "./handler.ts";

const AT = "2026-11-21T11:00:00.000Z";
const WEB = "account=111122223333&region=us-east-1&repository=prod/web";

let api: MemoryApi;

beforeEach(() => {
  api = memoryApi();
});

async function get(path: string) {
  const answer = await createHandler(api.deps)(anApiEvent({ path: `/api/v1${path}` }), aLambdaContext("api"));
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

async function everyPage(path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let cursor = "";
  do {
    const { body } = await get(`${path}&limit=2${cursor}`);
    expect(body.items.length).toBeLessThanOrEqual(2);
    items.push(...body.items);
    cursor = body.next === undefined ? "" : `&cursor=${body.next}`;
  } while (cursor !== "");
  return items;
}

function listed(name: string, size: number, more = {}) {
  const image = { digest: aDigest(name), tags: [name], size, pushedAt: AT, firstSeenAt: AT };
  return { ...image, status: "ACTIVE", manifest: "known", layers: [0], ...more } as const;
}

describe("images from a repository's listing", () => {
  beforeEach(async () => {
    await api.inventory.listings.putListing({
      ...aRepository(),
      asOf: AT,
      images: [
        listed("1.0.0", 2),
        listed("1.1.0", 3),
        listed("2.0.0", 1, { status: "ARCHIVED", lastPulledAt: AT }),
      ],
      layers: [{ digest: aDigest("layer"), size: 1 }],
    });
  });

  test.each([
    ["sort=size", ["1.1.0", "1.0.0", "2.0.0"]],
    ["sort=size&order=ascending", ["2.0.0", "1.0.0", "1.1.0"]],
    ["sort=size&tagGlob=1.*", ["1.1.0", "1.0.0"]],
    ["status=ARCHIVED", ["2.0.0"]],
    ["sort=pulled&tagGlob=9.*", []],
  ])("%s are in that order, page by page", async (query, tags) => {
    const images = await everyPage(`/images?${WEB}&${query}`);
    expect(images.map((it) => it["tags"])).toEqual(tags.map((tag) => [tag]));
  });

  test("say what they are as of, and look like any other image", async () => {
    const { body } = await get(`/images?${WEB}&status=ARCHIVED`);
    expect(body.asOf).toBe(AT);
    expect(body.items[0]).toMatchObject({ repository: "prod/web", state: "open", lastPulledAt: AT });
    expect(body.items[0]).not.toHaveProperty("layers");
  });

  test("go on only for the same question", async () => {
    const { body } = await get(`/images?${WEB}&sort=size&limit=1`);
    const other = await get(`/images?${WEB}&sort=pushed&limit=1&cursor=${body.next}`);
    expect(other.body.type).toBe("urn:tallyman:problem:invalid-cursor");
  });

  test.each([
    ["sort=name", 400, "pushed, pulled or size"],
    ["status=active", 400, "ACTIVE, ARCHIVED or ACTIVATING"],
    ["sort=size&tag=1.0.0", 400, "A tag names one image"],
  ])("with %s are refused", async (query, status, words) => {
    const answer = await get(`/images?${WEB}&${query}`);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(words);
  });

  test("of a repository without a listing say whether it is known at all", async () => {
    const tools = WEB.replace("prod/web", "team/tools");
    expect((await get(`/images?${tools}&sort=size`)).body.detail).toContain("knows no repository");
    await api.inventory.summaries.putSummary(aSummary({ repository: "team/tools" }));
    const { status, body } = await get(`/images?${tools}&sort=size`);
    expect([status, body.detail]).toEqual([409, expect.stringContaining("has no listing")]);
  });
});

describe("relations", () => {
  const child = aManifest("child");
  const index = anIndex([child, aManifest("other")]);
  const signature = aManifest("signature", index.digest);

  beforeEach(async () => {
    for (const manifest of [child, index, signature]) {
      const contents = parseManifest(manifest);
      await api.inventory.manifests.putManifest({ ...manifest, contents });
      await api.inventory.manifests.putEdges({ ...manifest, size: manifest.bytes.byteLength, ...contents });
    }
  });

  test("are found from either side", async () => {
    const of = async (digest: string, kind: string) =>
      (await everyPage(`/images/${digest}/relations?kind=${kind}`)).map((it) => it["digest"]);
    expect(await of(index.digest, "child")).toEqual([child.digest, aManifest("other").digest]);
    expect(await of(child.digest, "parent")).toEqual([index.digest]);
    expect(await of(index.digest, "referrer")).toEqual([signature.digest]);
    expect(await of(signature.digest, "subject")).toEqual([index.digest]);
    expect(await of(child.digest, "subject")).toEqual([]);
  });

  test("have a child's platform, and the media type where the manifest is known", async () => {
    const { body } = await get(`/images/${index.digest}/relations?kind=child`);
    expect(body.items).toEqual([
      { kind: "child", digest: child.digest, platform: "linux/amd64", mediaType: child.mediaType },
      { kind: "child", digest: aManifest("other").digest, platform: "linux/arm64" },
    ]);
  });

  test("of a manifest that is not known are what others say of it", async () => {
    const unknown = aManifest("other").digest;
    expect((await get(`/images/${unknown}/relations?kind=child`)).status).toBe(404);
    expect((await get(`/images/${unknown}/relations?kind=parent`)).body.items).toHaveLength(1);
  });
});

describe("totals", () => {
  const EAST = { account: "111122223333", region: "us-east-1" };

  test("are added up from what reconciles counted, with the policy's prices", async () => {
    await api.inventory.registries.putTotals({
      ...EAST,
      asOf: AT,
      repositories: 2,
      images: 3,
      tags: 4,
      openViolations: 0,
      billedBytes: 2 ** 30,
      archivedBytes: 0,
      sharedBytes: 7,
      imagesOfUnknownSize: 0,
      byResourceTag: { "team=web": { repositories: 1, images: 2, billedBytes: 2 ** 30, archivedBytes: 0 } },
      tagKeysLeftOut: ["Name"],
      version: 1,
    });
    const { body } = await get("/totals");
    expect(body.items).toMatchObject([{ name: "111122223333/us-east-1", sharedBytes: 7, monthlyCost: 0.1 }]);
    expect(body.uncounted).toEqual([{ account: "111122223333", region: "us-west-2" }]);
    const tagged = await get("/totals?by=resource-tag");
    expect(tagged.body.items).toMatchObject([{ name: "team=web", monthlyCost: 0.1 }]);
    expect(tagged.body.leftOutKeys).toEqual(["Name"]);
    expect(body.leftOutKeys).toEqual([]);
    const team = await get("/totals?by=resource-tag&key=team");
    expect(team.body).toMatchObject({ items: [{ name: "team=web" }], leftOutKeys: [] });
  });

  test.each(["by=colour", "by=account&key=team"])("refuse %s", async (query) => {
    expect((await get(`/totals?${query}`)).status).toBe(400);
  });
});

describe("repositories", () => {
  beforeEach(async () => {
    const fresh = { reconciledAt: AT, billedBytes: 2 ** 31, archivedBytes: 2 ** 30 };
    await api.inventory.summaries.putSummary(aSummary({ repository: "prod/a", ...fresh }));
    await api.inventory.summaries.putSummary(
      aSummary({ repository: "prod/b", ...fresh, lastError: "AccessDenied", lastErrorAt: AT }),
    );
    await api.inventory.summaries.putSummary(
      aSummary({ repository: "prod/c", ...fresh, region: "us-west-2" }),
    );
  });

  const names = async (query: string) =>
    (await everyPage(`/repositories?${query}`)).map((it) => it["repository"]);

  test("that may be listed wrongly are found, with the reason", async () => {
    expect(await names("stale=true")).toEqual(["prod/b"]);
    const { body } = await get("/repositories?stale=true");
    expect(body.items[0].staleReason).toContain("AccessDenied");
  });

  test("of a registry are found, and cost what the policy says", async () => {
    expect(await names("region=us-west-2")).toEqual(["prod/c"]);
    expect(await names("account=444455556666")).toEqual([]);
    const { body } = await get("/repositories?region=us-west-2");
    expect(body.items[0]).toMatchObject({ billedBytes: 2 ** 31, monthlyCost: 0.2 });
  });
});
