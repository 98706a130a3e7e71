import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import type { ListedImage } from "./listing.ts";
import {
  IMAGE_ORDERS,
  type ImagePlace,
  type ImageSelection,
  placeOf,
  selectImages,
} from "./select-images.ts";

const AT = "2026-11-16T01:54:35.000Z";
const image = (digest: string, more: Partial<ListedImage> = {}): ListedImage => ({
  digest,
  tags: [],
  status: "ACTIVE",
  firstSeenAt: AT,
  manifest: "known",
  ...more,
});
const IMAGES = [
  image("a", { tags: ["1.0.0", "prod/x"], size: 3, pushedAt: "2026-01-03" }),
  image("b", { tags: ["1.1.0-rc.1"], size: 1, pushedAt: "2026-01-01", lastPulledAt: "2026-02-01" }),
  image("c", { status: "ARCHIVED", size: 3, pushedAt: "2026-01-02", lastPulledAt: "2026-02-02" }),
  image("d", { tags: ["2.0.0"] }),
];
const select = (selection: Partial<ImageSelection>) =>
  selectImages(IMAGES, { sort: "pushed", order: "ascending", ...selection })
    .map(({ digest }) => digest)
    .join("");

describe("a selection", () => {
  test.each<[Partial<ImageSelection>, string]>([
    [{ sort: "pushed", order: "ascending" }, "bcad"],
    [{ sort: "pushed", order: "descending" }, "acbd"],
    [{ sort: "pulled", order: "ascending" }, "bcad"],
    [{ sort: "pulled", order: "descending" }, "cbad"],
    [{ sort: "size", order: "ascending" }, "bacd"],
    [{ sort: "size", order: "descending" }, "acbd"],
    [{ tagGlob: "1.*" }, "ba"],
    [{ tagGlob: "*" }, "bad"],
    [{ tagGlob: "nothing" }, ""],
    [{ status: "ARCHIVED" }, "c"],
    [{ status: "ARCHIVED", tagGlob: "*" }, ""],
    [{ status: "ACTIVATING" }, ""],
  ])("%j is %j", (selection, digests) => {
    expect(select(selection)).toBe(digests);
  });

  test("leaves the listing as it is", () => {
    const before = structuredClone(IMAGES);
    select({ sort: "size" });
    expect(IMAGES).toEqual(before);
  });

  test("goes on from a place, in another listing too, and gives each that fits once", () => {
    const sizes = fc.array(fc.option(fc.nat(3), { nil: undefined }), { minLength: 1, maxLength: 30 });
    const how = fc.record({
      sort: fc.constantFrom("size" as const, "pushed" as const),
      order: fc.constantFrom("ascending" as const, "descending" as const),
    });
    fc.assert(
      fc.property(sizes, how, fc.integer({ min: 1, max: 7 }), fc.nat(29), (all, selection, limit, lost) => {
        const images = all.map((size, i) => image(aDigest(`${i}`), size === undefined ? {} : { size }));
        const gone = images[lost];
        let listing = images;
        let after: ImagePlace | undefined;
        const given: ListedImage[] = [];
        for (;;) {
          const page = selectImages(listing, selection, after).slice(0, limit);
          const last = page.at(-1);
          if (last === undefined) break;
          given.push(...page);
          after = placeOf(last, selection.sort);
          // The listing is written anew behind the first page, and one image is not in it any more.
          listing = images.filter((it) => it !== gone);
        }
        const expected = selectImages(images, selection);
        expect(given).toEqual(
          given.includes(gone as ListedImage) ? expected : expected.filter((it) => it !== gone),
        );
        expect(given.length).toBeGreaterThanOrEqual(images.length - 1);
      }),
    );
  });

  test("is in the same order whichever way the images come, and holds each that fits once", () => {
    const images = fc.uniqueArray(
      fc
        .record({ name: fc.nat(50), size: fc.option(fc.nat(3), { nil: undefined }) })
        .map(({ name, size }) =>
          image(aDigest(`${name}`), size === undefined ? {} : { size, pushedAt: `2026-01-0${size + 1}` }),
        ),
      { selector: ({ digest }) => digest },
    );
    const selection = fc.record({
      sort: fc.constantFrom(...IMAGE_ORDERS),
      order: fc.constantFrom("ascending" as const, "descending" as const),
    });
    fc.assert(
      fc.property(images, selection, (some, how) => {
        const selected = selectImages(some, how);
        expect(selectImages(some.toReversed(), how)).toEqual(selected);
        expect(new Set(selected)).toEqual(new Set(some));
        expect(selected).toHaveLength(some.length);
      }),
    );
  });
});
