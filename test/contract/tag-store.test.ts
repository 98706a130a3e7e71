import { FenceConflictError } from "@tallyman/domain/inventory/errors";
import { expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { aTagPointer, ended } from "../builders/records.ts";
import { aRepository } from "../builders/registry.ts";
import { all, describeInventories } from "./inventories.ts";

const A = aDigest("A");
const B = aDigest("B");
const v1 = aTagPointer({ digest: A });
const v2 = aTagPointer({ digest: B, version: 2, since: "2026-11-17T00:00:00.000Z", cause: "reconcile" });
const v3 = aTagPointer({ digest: null, version: 3, since: "2026-11-18T00:00:00.000Z", cause: "delete" });

describeInventories((inventory) => {
  const history = async (limit = 10, next?: string) =>
    inventory().queries.listTagHistory(aRepository(), "1.4.2", { limit, ...(next && { next }) });

  test("a tag is not there at first, and then where it was put", async () => {
    const { tags } = inventory();
    expect(await tags.findTag(aRepository(), "1.4.2")).toBeUndefined();
    await tags.moveTag(undefined, v1);
    expect(await tags.findTag(aRepository(), "1.4.2")).toEqual(v1);
  });

  test("a tag that moves keeps where it was, and a tag that goes keeps that it was there", async () => {
    const { tags } = inventory();
    await tags.moveTag(undefined, v1);
    await tags.moveTag(ended(v1), v2);
    await tags.moveTag(ended(v2), v3);
    expect(await tags.findTag(aRepository(), "1.4.2")).toEqual(v3);
    expect((await history()).items).toEqual([
      { tag: "1.4.2", digest: A, since: v1.since, until: v2.since, cause: "push", version: 1 },
      { tag: "1.4.2", digest: B, since: v2.since, until: v3.since, cause: "reconcile", version: 2 },
      { tag: "1.4.2", digest: null, since: v3.since, cause: "delete", version: 3 },
    ]);
  });

  test("a move on an older fence is refused, and what it settles is in the history once", async () => {
    const { tags } = inventory();
    await tags.moveTag(undefined, v1);
    await tags.moveTag(ended(v1), v2);
    await expect(tags.moveTag(ended(v1), { ...v2, digest: null })).rejects.toThrow(FenceConflictError);
    await expect(tags.moveTag(undefined, v1)).rejects.toThrow(FenceConflictError);
    await expect(tags.moveTag(ended(v1), v3)).rejects.toThrow(FenceConflictError);
    expect((await history()).items.map((it) => it.version)).toEqual([1, 2]);
  });

  test("a history is given page by page, each interval with its end", async () => {
    const { tags } = inventory();
    let settled = v1;
    await tags.moveTag(undefined, v1);
    for (let version = 2; version <= 12; version++) {
      const next = aTagPointer({
        version,
        digest: version % 2 ? A : B,
        since: `2026-11-${version + 10}T00:00:00.000Z`,
      });
      await tags.moveTag(ended(settled), next);
      settled = next;
    }
    const versions: number[] = [];
    let next: string | undefined;
    do {
      const page = await history(5, next);
      versions.push(...page.items.map((it) => it.version));
      for (const it of page.items) expect(it.until === undefined).toBe(it.version === 12);
      next = page.next;
    } while (next);
    expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test("a history that ends with a full page has no empty page after it", async () => {
    const { tags } = inventory();
    await tags.moveTag(undefined, v1);
    await tags.moveTag(ended(v1), v2);
    expect(await history(2)).not.toHaveProperty("next");
  });

  test("a tag whose name begins with another's has a history of its own", async () => {
    const { tags } = inventory();
    const longer = aTagPointer({ tag: "1.4.2-rc" });
    await tags.moveTag(undefined, longer);
    await tags.moveTag(ended(longer), { ...longer, digest: B, version: 2 });
    await tags.moveTag(undefined, v1);
    expect((await history()).items).toHaveLength(1);
  });

  test("tags are listed by repository and by the digest they point at", async () => {
    const { tags, queries } = inventory();
    const other = aTagPointer({ repository: "dev/web", digest: A });
    await tags.moveTag(undefined, v1);
    await tags.moveTag(undefined, other);
    expect(await all(tags.listTags(aRepository()))).toEqual([v1]);
    expect(await all(tags.listTagsOf(aRepository(), A))).toEqual([v1]);
    expect((await queries.listTagsByDigest(A, { limit: 10 })).items).toHaveLength(2);
    await tags.moveTag(ended(v1), { ...v3, version: 2 });
    expect(await all(tags.listTagsOf(aRepository(), A))).toEqual([]);
    expect(await all(tags.listTags(aRepository()))).toHaveLength(1);
  });
});
