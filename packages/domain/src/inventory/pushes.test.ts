import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { anImageRecord, aTagPointer } from "../../../../test/builders/records.ts";
import { type Pushed, pushesOf } from "./pushes.ts";
import type { RecordedImage } from "./record-digest.ts";
import type { RecordedTag } from "./record-tag.ts";

const NOW = new Date("2026-11-21T12:00:00.000Z");

function anImage(name: string, overrides: Parameters<typeof anImageRecord>[0] = {}): RecordedImage {
  const digest = aDigest(name);
  const record = anImageRecord({ digest, version: 1, pushedAt: "2026-11-21T11:00:00.000Z", ...overrides });
  return { digest, changed: true, record };
}

function aTag(tag: string, name: string, changed = true): RecordedTag {
  const pointer = aTagPointer({ tag, digest: aDigest(name) });
  return { tag, changed, pointer, verdicts: [], opened: [], closed: [], open: [] };
}

function found(images: readonly RecordedImage[], tags: readonly RecordedTag[]): readonly Pushed[] {
  return pushesOf({ recorded: { images, tags }, cause: "reconcile", now: NOW });
}

const names = (pushes: readonly Pushed[]) => pushes.map(({ digest, tag }) => `${tag}@${digest}`);

test("a reconcile takes for pushes the young images that it found, under each tag that moved to them", () => {
  const images = [anImage("a"), anImage("b"), anImage("c", { version: 3 })];
  const tags = [aTag("1", "a"), aTag("2", "a"), aTag("3", "c", false), aTag("4", "elsewhere")];
  expect(names(found(images, tags))).toEqual([`1@${aDigest("a")}`, `2@${aDigest("a")}`, `@${aDigest("b")}`]);
});

test("what is old, or gone, is none", () => {
  const old = anImage("old", { pushedAt: "2026-11-20T11:59:59.000Z" });
  const gone = anImage("gone", { state: "closed" });
  expect(found([old, gone], [aTag("1", "old"), aTag("2", "gone")])).toEqual([]);
});

test("each tag is looked at a few times, however many images there are", () => {
  let looks = 0;
  const count = 500;
  const images = Array.from({ length: count }, (_, place) => anImage(String(place)));
  const tags = Array.from({ length: count }, (_, place) => {
    const { pointer, ...tag } = aTag(String(place), String(place));
    return {
      ...tag,
      get pointer() {
        looks += 1;
        return pointer;
      },
    };
  });
  expect(found(images, tags)).toHaveLength(count);
  expect(looks).toBeLessThan(5 * count);
});
