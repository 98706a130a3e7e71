import type { Change } from "@tallyman/domain/history/change";
import { expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { anImageRecord, aTagPointer, ended } from "../builders/records.ts";
import { describeInventories } from "./inventories.ts";

const NOW = "2026-11-21T12:00:00.000Z";

function daysAgo(days: number): string {
  return new Date(Date.parse(NOW) - days * 24 * 3600_000).toISOString();
}

describeInventories(
  (inventory) => {
    async function changes(since: string, limit = 100): Promise<Change[]> {
      const found: Change[] = [];
      let next: string | undefined;
      do {
        const page = await inventory().queries.listChanges(
          { since, now: NOW },
          { limit, ...(next && { next }) },
        );
        expect(page.items.length).toBeLessThanOrEqual(limit);
        found.push(...page.items);
        next = page.next;
      } while (next);
      return found;
    }
    const names = (found: readonly Change[]) =>
      found.map((it) => (it.kind === "tag" ? it.tag.tag : it.image.digest));

    test("of many days are listed newest first, over pages of any size, each once", async () => {
      const { images, tags } = inventory();
      const expected: string[] = [];
      for (let i = 0; i < 40; i++) {
        const at = daysAgo(i * 1.1);
        if (i % 2) await tags.moveTag(undefined, aTagPointer({ tag: `1.${i}`, since: at }));
        else await images.putImage(anImageRecord({ digest: aDigest(`${i}`), changedAt: at }));
        expected.push(i % 2 ? `1.${i}` : aDigest(`${i}`));
      }
      for (const limit of [1, 7, 100]) expect(names(await changes(daysAgo(90), limit))).toEqual(expected);
      expect(names(await changes(daysAgo(11), 3))).toEqual(expected.slice(0, 10));
    });

    test("at the very time are not since then", async () => {
      await inventory().images.putImage(anImageRecord({ changedAt: daysAgo(1) }));
      expect(await changes(daysAgo(1))).toEqual([]);
      expect(await changes(daysAgo(1.001))).toHaveLength(1);
    });

    test("are listed once, as things are now", async () => {
      const { images, tags } = inventory();
      const image = anImageRecord({ changedAt: daysAgo(3) });
      await images.putImage(image);
      const closed = { ...image, version: 2, state: "closed", changedAt: daysAgo(2) } as const;
      await images.putImage(closed, ended(image));
      const tag = aTagPointer({ since: daysAgo(3) });
      await tags.moveTag(undefined, tag);
      const gone = { ...tag, digest: null, since: daysAgo(2), version: 2 };
      await tags.moveTag(ended(tag), gone);
      expect((await changes(daysAgo(9))).toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
        { at: daysAgo(2), kind: "image", image: closed },
        { at: daysAgo(2), kind: "tag", tag: gone },
      ]);
    });

    test("do not count pulls, nor events that moved no tag", async () => {
      const { images, tags } = inventory();
      const image = anImageRecord({ changedAt: daysAgo(3) });
      await images.putImage(image);
      await images.putImage({ ...image, version: 2, lastPulledAt: daysAgo(1) });
      const tag = aTagPointer({ since: daysAgo(3) });
      await tags.moveTag(undefined, tag);
      await tags.moveTag(ended(tag), { ...tag, version: 2, event: "heard" });
      expect(await changes(daysAgo(2))).toEqual([]);
      expect(await changes(daysAgo(4))).toHaveLength(2);
    });

    test("at one time all have their place", async () => {
      for (let i = 0; i < 20; i++)
        await inventory().tags.moveTag(undefined, aTagPointer({ tag: `1.${i}`, since: daysAgo(1) }));
      expect(new Set(names(await changes(daysAgo(2), 3))).size).toBe(20);
    });
  },
  { gets: false },
);
