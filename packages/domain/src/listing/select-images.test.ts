import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import type { ListedImage } from "./listing.ts";
import { IMAGE_ORDERS, type ImageSelection, selectImages } from "./select-images.ts";

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
