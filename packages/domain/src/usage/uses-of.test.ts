import { beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { anImageRecord, aTagPointer } from "../../../../test/builders/records.ts";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import { aSnapshot, aUsageItem, imageUri } from "../../../../test/builders/usage.ts";
import { type MemoryInventory, memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { type MemoryUsage, memoryUsage } from "../../../../test/fakes/memory-usage.ts";
import { applyReport } from "./apply-report.ts";
import type { UsageItem } from "./evidence.ts";
import { isInUse } from "./is-in-use.ts";
import { TooManyRelativesError } from "./relatives.ts";
import { viewRepository } from "./repository-view.ts";
import { type UsesOf, usesOf } from "./uses-of.ts";

const NOW = new Date("2026-11-22T09:00:00.000Z");
const AS_OF = { now: NOW, recentlyStoppedHours: 24 };
const REPOSITORY = aRepository("team/app");
const WEST = { account: HUB.account, region: "us-west-2" };
const [SINGLE, INDEX, OUTER, AMD, ARM, SIGNATURE] = [
  "single",
  "index",
  "outer",
  "amd",
  "arm",
  "signature",
].map((name) => aDigest(name)) as [string, string, string, string, string, string];

let stores: MemoryUsage;
let inventory: MemoryInventory;
beforeEach(async () => {
  stores = memoryUsage();
  inventory = memoryInventory();
  await hold(SINGLE, []);
  await hold(AMD, []);
  await hold(ARM, []);
  await hold(INDEX, [AMD, ARM]);
  await hold(OUTER, [INDEX]);
  await hold(SIGNATURE, [], INDEX);
});

async function hold(digest: string, children: readonly string[], subject?: string): Promise<void> {
  const kind = children.length > 0 ? "index" : "manifest";
  const mediaType = `application/vnd.oci.image.${kind}.v1+json`;
  const contents = { children: children.map((child) => ({ digest: child })), ...(subject && { subject }) };
  await inventory.manifests.putManifest({ digest, mediaType, bytes: new Uint8Array(), contents });
  await inventory.manifests.putEdges({ digest, mediaType, size: 0, ...contents });
  await inventory.images.putImage(anImageRecord({ ...REPOSITORY, digest, mediaType }));
}

async function report(...items: readonly Partial<UsageItem>[]): Promise<void> {
  const all = items.map((item) => aUsageItem(item));
  await applyReport(stores, aSnapshot({ items: all }), { now: NOW, keepDays: 730 });
}

const deps = () => ({ ...stores, manifests: inventory.manifests, queries: inventory.queries });
const found = async (digest: string): Promise<UsesOf> => usesOf(deps(), digest, AS_OF);
const vias = async (digest: string) => (await found(digest)).uses.map(({ via }) => via);

describe("where an image is used", () => {
  test("is told with source, account, cluster, service, and since and until when", async () => {
    await report({ digest: SINGLE });
    expect((await found(SINGLE)).uses).toEqual([
      {
        via: "digest",
        digest: SINGLE,
        source: "ecs",
        scope: "111122223333/us-east-1",
        account: "111122223333",
        region: "us-east-1",
        cluster: "prod",
        service: "service/web",
        kinds: ["running"],
        image: imageUri("team/app", ":1.4.2"),
        firstSeen: "2026-11-22T08:00:00.000Z",
        lastSeen: "2026-11-22T08:00:00.000Z",
      },
    ]);
  });

  test.each([
    { used: INDEX, of: "the index", digest: INDEX, via: ["digest"] },
    { used: INDEX, of: "its platform", digest: AMD, via: ["index"] },
    { used: INDEX, of: "an index that holds it", digest: OUTER, via: ["platform"] },
    { used: INDEX, of: "its signature", digest: SIGNATURE, via: ["subject"] },
    { used: INDEX, of: "another image", digest: SINGLE, via: [] },
    { used: AMD, of: "its index", digest: INDEX, via: ["platform"] },
    { used: AMD, of: "the index of its index", digest: OUTER, via: ["platform"] },
    { used: AMD, of: "the other platform of its index", digest: ARM, via: ["index"] },
    { used: AMD, of: "the signature of its index", digest: SIGNATURE, via: ["subject"] },
    { used: OUTER, of: "a platform two indexes below", digest: ARM, via: ["index"] },
    { used: SIGNATURE, of: "what a signature that is used signs", digest: INDEX, via: [] },
  ])("a use of it is one of $of: $via", async ({ used, digest, via }) => {
    await report({ digest: used });
    expect(await vias(digest)).toEqual(via);
  });

  test("follows a tag, and leaves the image that it has left", async () => {
    const tag = aTagPointer({ ...REPOSITORY, tag: "1.4.2", digest: SINGLE });
    await inventory.tags.moveTag(undefined, tag);
    const { digest: _, ...byTag } = aUsageItem({ kind: "template" });
    await applyReport(stores, aSnapshot({ items: [byTag] }), { now: NOW, keepDays: 730 });
    expect((await found(SINGLE)).uses).toMatchObject([
      { via: "tag", digest: SINGLE, tag: { ...REPOSITORY, tag: "1.4.2" } },
    ]);
    await inventory.tags.moveTag({ ...tag, forgetAt: "" }, { ...tag, digest: INDEX, version: 2 });
    expect(await vias(SINGLE)).toEqual([]);
    expect(await vias(ARM)).toEqual(["tag"]);
  });

  test("by a tag is of the tag in one registry, not of the same tag where it is copied to", async () => {
    const copy = aRepository("team/app", WEST);
    await inventory.tags.moveTag(undefined, aTagPointer({ ...copy, tag: "1.4.2", digest: SINGLE }));
    const { digest: _, ...byTag } = aUsageItem({ kind: "template" });
    await applyReport(stores, aSnapshot({ items: [byTag] }), { now: NOW, keepDays: 730 });
    expect(await vias(SINGLE)).toEqual([]);
  });

  test("is told for a day after it ended, with its end", async () => {
    await report({ digest: SINGLE }, { digest: INDEX, service: "service/other" });
    const items = [aUsageItem({ digest: INDEX, service: "service/other" })];
    const later = new Date("2026-11-22T10:00:00.000Z");
    await applyReport(stores, aSnapshot({ sequence: 2, items }), { now: later, keepDays: 730 });
    const at = (hours: number) => new Date(later.getTime() + hours * 3_600_000);
    expect((await usesOf(deps(), SINGLE, { ...AS_OF, now: at(24) })).uses).toMatchObject([
      { endedAt: later.toISOString(), lastSeen: later.toISOString() },
    ]);
    expect((await usesOf(deps(), SINGLE, { ...AS_OF, now: at(25) })).uses).toEqual([]);
  });

  test("is not looked for among more than two thousand relatives", async () => {
    const children = Array.from({ length: 2_001 }, (_, i) => aDigest(`child ${i}`));
    await hold(aDigest("huge"), children);
    await expect(found(aDigest("huge"))).rejects.toThrow(TooManyRelativesError);
    await expect(found(children[7] ?? "")).rejects.toThrow(TooManyRelativesError);
  });

  test("says which manifests are not known", async () => {
    await hold(aDigest("holder"), [aDigest("never read")]);
    expect((await found(aDigest("holder"))).unread).toEqual([aDigest("never read")]);
  });
});

describe("whether an image is in use", () => {
  async function ask(digest: string, overrides = {}) {
    const view = await viewRepository(inventory, REPOSITORY);
    return isInUse(deps(), { view, digest, doubts: [], asOf: AS_OF, ...overrides });
  }
  const doubt = {
    repository: REPOSITORY,
    why: "stale",
    reason: "what ecs reported is old",
    remedy: "wait",
  } as const;

  test("is known where evidence is good", async () => {
    await report({ digest: AMD });
    expect(await ask(SINGLE)).toEqual({ verdict: "unused", uses: [], doubts: [], reasons: [] });
    expect(await ask(ARM)).toMatchObject({
      verdict: "used",
      reasons: [expect.stringContaining("service/web in prod of account 111122223333 uses")],
    });
  });

  test("is not known where there is a doubt, unless it is used", async () => {
    await report({ digest: AMD });
    expect(await ask(SINGLE, { doubts: [doubt] })).toMatchObject({
      verdict: "unknown",
      reasons: [doubt.reason],
    });
    expect(await ask(AMD, { doubts: [doubt] })).toMatchObject({ verdict: "used", doubts: [doubt] });
  });

  test.each(["application/vnd.oci.image.index.v1+json", undefined])(
    "is not known of any image of a repository with an unread manifest of type %s",
    async (mediaType) => {
      const { mediaType: _, ...record } = anImageRecord({ ...REPOSITORY, digest: aDigest("unread") });
      await inventory.images.putImage({
        ...record,
        ...(mediaType && { mediaType }),
        manifest: "inaccessible",
      });
      expect(await ask(SINGLE)).toMatchObject({
        verdict: "unknown",
        reasons: [expect.stringContaining("may be an index")],
      });
    },
  );

  test("is not known of an image that the inventory does not have there", async () => {
    expect(await ask(aDigest("elsewhere"))).toMatchObject({
      verdict: "unknown",
      reasons: [expect.stringContaining("the inventory has no")],
    });
  });

  test("is not known of one with too many relatives", async () => {
    const children = Array.from({ length: 2_001 }, (_, i) => aDigest(`child ${i}`));
    await hold(aDigest("huge"), children);
    expect(await ask(aDigest("huge"))).toMatchObject({ verdict: "unknown" });
  });
});
