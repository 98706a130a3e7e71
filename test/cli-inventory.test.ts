import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { aDigest } from "./builders/digest.ts";
import {
  anImageRecord,
  aReplicaRecord,
  aSummary,
  aTagPointer,
  aViolationRecord,
  ended,
} from "./builders/records.ts";
import { aRepository } from "./builders/registry.ts";
import { type MemoryApi, memoryApi } from "./fakes/memory-api.ts";
import { type ApiServer, startApiServer } from "./support/api-server.ts";
import { callTallyman, runTallyman } from "./support/run-tallyman.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let api: MemoryApi;
let server: ApiServer;
const call = (...args: string[]) => callTallyman(args, server.url);

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  api = memoryApi();
  server = await startApiServer(api);
  await fill(api);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

/** prod/web in two Regions; dev/many with 250 images; a violation and an overdue replica. */
async function fill({ inventory }: MemoryApi): Promise<void> {
  const west = aRepository("prod/web", { region: "us-west-2" });
  const [a, b] = [aDigest("A"), aDigest("B")];
  await inventory.images.putImage(anImageRecord({ digest: a }));
  await inventory.images.putImage(anImageRecord({ digest: b, state: "closed" }));
  await inventory.images.putImage(anImageRecord({ ...west, digest: a, size: 999 }));
  const latest = aTagPointer({ tag: "latest", digest: b });
  await inventory.tags.moveTag(undefined, latest);
  await inventory.tags.moveTag(ended(latest), {
    ...latest,
    digest: a,
    since: "2026-11-17T00:00:00.000Z",
    version: 2,
  });
  await inventory.tags.moveTag(undefined, aTagPointer({ ...west, digest: a, tag: "stable" }));
  await inventory.summaries.putSummary(
    aSummary({ openViolations: 1, reconciledAt: "2026-11-17T00:00:00.000Z", billedBytes: 2 ** 31 }),
  );
  await inventory.summaries.putSummary(aSummary(aRepository("dev/many")));
  for (let i = 0; i < 250; i++)
    await inventory.images.putImage(
      anImageRecord({ ...aRepository("dev/many"), digest: aDigest(`many-${i}`) }),
    );
  await inventory.violations.putViolation(
    aViolationRecord({ digest: a, reason: 'Tag "latest" \u001b[2J\u202eis denied.' }),
  );
  await inventory.replicas.putReplica(
    aReplicaRecord({ digest: a, state: "failed", failureCode: "AccessDenied" }),
  );
}

test("images of a repository are listed from every declared registry, aligned, those that are gone left out", async () => {
  const { code, stdout, stderr } = await runTallyman(["images", "prod/web"], { endpoint: server.url });
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: "no AWS credentials configured: signing with the embedded cloud's test/test\n",
  });
  expect(stdout).toBe(
    [
      "REGISTRY                REPOSITORY  DIGEST               TYPE         SIZE  PUSHED                STATE   TAGS",
      `111122223333/us-east-1  prod/web    ${aDigest("A").slice(0, 19)}  oci image  1.0 MB  2026-11-16 01:54:34Z  active  latest`,
      `111122223333/us-west-2  prod/web    ${aDigest("A").slice(0, 19)}  oci image   999 B  2026-11-16 01:54:34Z  active  stable`,
      "",
    ].join("\n"),
  );
});

test("--gone shows images that the registry no longer has, --wide whole digests", async () => {
  const { stdout } = await call(
    "images",
    "prod/web",
    "--registry",
    "111122223333/us-east-1",
    "--gone",
    "--wide",
  );
  expect(stdout).toContain(aDigest("B"));
  expect(stdout).toContain("gone");
});

test("a tag leads to its image, written either way", async () => {
  for (const args of [
    ["images", "prod/web:stable"],
    ["images", "prod/web", "--tag", "stable"],
  ]) {
    const { code, stdout } = await call(...args, "--json");
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 0,
      truncated: false,
      items: [{ region: "us-west-2", tags: ["stable"] }],
    });
  }
});

test("a digest is found everywhere", async () => {
  const { stdout } = await call("images", "--digest", aDigest("A"), "--json");
  expect(JSON.parse(stdout).items.map((it: { region: string }) => it.region)).toEqual([
    "us-east-1",
    "us-west-2",
  ]);
});

test("long lists are read page by page up to the limit, which is said", async () => {
  const limited = await call("images", "dev/many", "--registry", "111122223333/us-east-1");
  expect(limited.stdout.trimEnd().split("\n")).toHaveLength(201);
  expect(limited.stderr).toContain("there are more than 200 images: --limit all lists them");
  const all = await call("images", "--limit", "all", "--json");
  const { items, truncated } = JSON.parse(all.stdout);
  expect({ items: items.length, truncated }).toEqual({ items: 251, truncated: false });
  expect(new Set(items.map((it: { digest: string }) => it.digest)).size).toBe(251);
});

test("repositories, violations, replicas and the audit trail are listed", async () => {
  expect((await call("repositories")).stdout).toMatch(/prod\/web +1 +1 +1 +2\.1 GB +\$0\.20/);
  // Nobody has counted this one: what its first push held is no total.
  expect((await call("repositories")).stdout).toMatch(/dev\/many +- +- +- +- +- +not counted yet/);
  expect((await call("violations", "--repository", "prod/web")).stdout).toContain("prod-releases");
  expect((await call("replicas")).stdout).toContain("failed (AccessDenied)");
  const { stdout } = await call("replicas", "prod/web", "--registry", "111122223333/us-west-2", "--json");
  expect(JSON.parse(stdout).items).toHaveLength(1);
  const audit = await call("audit", "--day", "2026-01-01");
  expect(audit).toEqual({ code: 0, stdout: "", stderr: "no entries\n" });
});

test("a repository is listed in another order, from its listing", async () => {
  const east = ["--registry", "111122223333/us-east-1"] as const;
  const unlisted = await call("images", "dev/many", ...east, "--sort", "size");
  expect(unlisted).toMatchObject({ code: 1, stderr: expect.stringContaining("not counted yet") });
  const at = "2026-11-17T00:00:00.000Z";
  const image = { status: "ACTIVE", manifest: "known", firstSeenAt: at, pushedAt: at } as const;
  await api.inventory.listings.putListing({
    ...aRepository(),
    asOf: at,
    images: [
      { ...image, digest: aDigest("small"), tags: ["1.0"], size: 1 },
      { ...image, digest: aDigest("large"), tags: ["1.1"], size: 5, lastPulledAt: at },
      { ...image, digest: aDigest("other"), tags: ["2.0"], size: 9, status: "ARCHIVED" },
    ],
    layers: [],
  });
  const tags = async (...how: string[]) => {
    const { stdout } = await call("images", "prod/web", ...east, ...how, "--json");
    return (JSON.parse(stdout).items as { tags: string[] }[]).flatMap((it) => it.tags);
  };
  expect(await tags("--sort", "size")).toEqual(["2.0", "1.1", "1.0"]);
  expect(await tags("--sort", "size", "--order", "ascending")).toEqual(["1.0", "1.1", "2.0"]);
  expect(await tags("--tag-glob", "1.*")).toHaveLength(2);
  expect(await tags("--status", "archived")).toEqual(["2.0"]);
  expect((await call("images", "prod/web", ...east, "--sort", "pulled")).stdout).toMatch(/PULLED +STATE/);
  expect((await call("images", "prod/web", ...east, "--sort", "size")).stderr).toContain(
    "as of 2026-11-17 00:00",
  );
  expect(await call("images", "--sort", "size")).toMatchObject({ code: 2 });
  expect(await call("images", "prod/web", "--sort", "size", "--gone")).toMatchObject({ code: 2 });
  expect(await call("images", "prod/web", "--sort", "name")).toMatchObject({ code: 2 });
});

test("a repository of several registries is listed in one order, as of its oldest listing", async () => {
  const put = (region: string, asOf: string, sizes: readonly number[]) =>
    api.inventory.listings.putListing({
      ...aRepository("prod/several", { region }),
      asOf,
      images: sizes.map((size) => ({
        digest: aDigest(`several ${size}`),
        tags: [`${size}`],
        ...{ size, status: "ACTIVE", manifest: "known", firstSeenAt: asOf },
      })),
      layers: [],
    });
  await put("us-east-1", "2026-11-18T00:00:00.000Z", [1, 4, 5, 9]);
  await put("us-west-2", "2026-11-17T00:00:00.000Z", [2, 3, 7]);
  const listed = async (...how: string[]) => {
    const { stdout } = await call("images", "prod/several", "--sort", "size", ...how, "--json");
    const { items, asOf } = JSON.parse(stdout) as { items: { size: number }[]; asOf: string };
    return [items.map(({ size }) => size), asOf];
  };
  const oldest = "2026-11-17T00:00:00.000Z";
  const half = await call("images", "dev/many", "--sort", "size");
  expect(half).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("not counted yet: dev/many in 111122223333/us-east-1"),
  });
  expect(await listed()).toEqual([[9, 7, 5, 4, 3, 2, 1], oldest]);
  expect(await listed("--order", "ascending")).toEqual([[1, 2, 3, 4, 5, 7, 9], oldest]);
  expect(await listed("--limit", "2")).toEqual([[9, 7], oldest]);
});

test("totals are listed with what they cost, and stale repositories with the reason", async () => {
  expect((await call("totals")).stderr).toContain("no totals");
  await api.inventory.registries.putTotals({
    ...{ account: "111122223333", region: "us-east-1", asOf: "2026-11-17T00:00:00.000Z", version: 1 },
    ...{ repositories: 2, images: 251, tags: 1, openViolations: 1, imagesOfUnknownSize: 3 },
    ...{ billedBytes: 2 ** 40, archivedBytes: 0, sharedBytes: 2_000_000_000, byResourceTag: {} },
  });
  expect((await call("totals", "--by", "account")).stdout).toMatch(
    /111122223333 +2 +251 +1\.1 TB +2\.0 GB +3 +\$102\.40 +2026-11-17/,
  );
  expect((await call("totals")).stderr).toContain("not counted yet, and in no line: 111122223333/us-west-2");
  expect(JSON.parse((await call("totals", "--json")).stdout)).toMatchObject({
    uncounted: [{ region: "us-west-2" }],
  });
  expect(await call("totals", "--key", "team")).toMatchObject({ code: 2 });
  const { stdout } = await call("repositories", "--stale");
  expect(stdout).toMatch(/prod\/web .*it was last compared with its registry at 2026-11-17/);
});

test("what an image or a rule says cannot drive the terminal, and JSON still says it exactly", async () => {
  const table = await call("violations");
  expect(table.stdout).toContain("\\u{1b}[2J\\u{202e}is denied.");
  expect(table.stdout).not.toMatch(/\p{Cc}(?<!\n)|\u202e/u);
  const json = await call("violations", "--json");
  expect(json.stdout).not.toMatch(/\p{Cc}(?<!\n)|\u202e/u);
  expect(JSON.parse(json.stdout).items[0].reason).toBe('Tag "latest" \u001b[2J\u202eis denied.');
});

test("colours appear only when asked for where there is no terminal", async () => {
  const plain = { endpoint: server.url };
  expect((await runTallyman(["repositories"], plain)).stdout).not.toContain("\u001b[");
  const options = { endpoint: server.url, env: { FORCE_COLOR: "1" } };
  expect((await runTallyman(["repositories"], options)).stdout).toContain("\u001b[1m");
});

test.each([
  [["images", "prod/wbe"], 1, "None of the declared registries knows it"],
  [["history", "prod/web:never", "--registry", "111122223333/us-east-1"], 1, "never seen"],
  [["images", "--digest", "sha256:abc"], 2, "64 lower-case hexadecimal digits"],
  [["audit", "--day", "yesterday"], 2, "YYYY-MM-DD"],
  [["images", "prod/web", "--registry", "us-east-1"], 2, "<account>/<region>"],
  [["images", "prod/web:a", "--tag", "b"], 2, "given twice"],
  [["images", "--tag", "b"], 2, "--tag needs a repository"],
  [["history", "prod/web"], 2, "Which tag"],
  [["replicas", "prod/web"], 2, "--registry"],
  [["images", "--limit", "0"], 2, "Give a whole number from 1"],
  [["imges"], 2, "Did you mean images"],
  [["images", "--endpoint", "ftp://x"], 2, "not a URL of an API"],
  [["images", "--endpoint", "http://example.com"], 2, "use an https:// URL"],
])("tallyman %j ends with %i and says why", async (args, code, words) => {
  const result = await call(...args);
  expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: "" });
  expect(result.stderr).toContain(words);
  expect(result.stderr).not.toContain("    at ");
});

test("a reader that stops early ends the command quietly", async () => {
  const { code, stderr } = await runTallyman(["images", "--limit", "all", "--json"], {
    endpoint: server.url,
    closeOutputEarly: true,
  });
  expect({ code, stderr: stderr.includes("EPIPE") }).toEqual({ code: 0, stderr: false });
});
