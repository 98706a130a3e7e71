import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { billedBytes, type SizedImage, savings } from "./billed-bytes.ts";

const layer = (name: string, size: number) => ({ digest: aDigest(name), size });
const image = (name: string, layers?: SizedImage["layers"], status: SizedImage["status"] = "ACTIVE") => ({
  digest: aDigest(name),
  status,
  ...(layers && { layers }),
});
const [BASE, APP, TOOLS] = [layer("base", 100), layer("app", 10), layer("tools", 1)];

describe("what is billed", () => {
  test("is each layer once, however many images have it", () => {
    const images = [image("a", [BASE, APP]), image("b", [BASE, TOOLS])];
    expect(billedBytes(images)).toEqual({ bytes: 111, archivedBytes: 0, imagesOfUnknownSize: 0 });
  });

  test("is nothing for an index, and nothing for nothing", () => {
    expect(billedBytes([image("index", [])])).toEqual({ bytes: 0, archivedBytes: 0, imagesOfUnknownSize: 0 });
    expect(billedBytes([])).toEqual({ bytes: 0, archivedBytes: 0, imagesOfUnknownSize: 0 });
  });

  test("is not known of an image whose layers are not, which counts once", () => {
    const images = [image("a", [BASE]), image("unknown"), image("unknown")];
    expect(billedBytes(images)).toEqual({ bytes: 100, archivedBytes: 0, imagesOfUnknownSize: 1 });
  });

  test("is archived storage for what archived images alone have", () => {
    const images = [image("a", [BASE, APP]), image("old", [BASE, TOOLS], "ARCHIVED")];
    expect(billedBytes(images)).toEqual({ bytes: 111, archivedBytes: 1, imagesOfUnknownSize: 0 });
  });

  test("is standard storage for what is being restored", () => {
    const images = [image("old", [TOOLS], "ARCHIVED"), image("back", [TOOLS], "ACTIVATING")];
    expect(billedBytes(images)).toMatchObject({ bytes: 1, archivedBytes: 0 });
  });

  test.each([
    [[1, 7], 7],
    [[7, 1], 7],
  ])("takes a layer of which manifests say sizes %j at %i", ([one = 0, two = 0], bytes) => {
    expect(billedBytes([image("a", [layer("x", one)]), image("b", [layer("x", two)])]).bytes).toBe(bytes);
    const archived = image("b", [layer("x", two)], "ARCHIVED");
    expect(billedBytes([image("a", [layer("x", one)]), archived]).bytes).toBe(bytes);
  });
});

describe("what is saved", () => {
  test("by removing an image is what it alone has", () => {
    const images = [image("a", [BASE, APP]), image("b", [BASE, TOOLS])];
    expect(savings(images, new Set([aDigest("a")])).bytes).toBe(10);
    expect(savings(images, new Set([aDigest("a"), aDigest("b")])).bytes).toBe(111);
  });

  test("by removing an index is nothing: its children stay", () => {
    const images = [image("index", []), image("amd64", [BASE]), image("arm64", [APP])];
    expect(savings(images, new Set([aDigest("index")])).bytes).toBe(0);
  });

  test("by removing what is not there is nothing", () => {
    expect(savings([image("a", [BASE])], new Set([aDigest("b")])).bytes).toBe(0);
  });

  test("says of how many removed and kept images the size is not known", () => {
    const images = [image("a", [BASE]), image("b"), image("c"), image("d")];
    const removed = new Set([aDigest("a"), aDigest("b")]);
    expect(savings(images, removed)).toMatchObject({ removedOfUnknownSize: 1, keptOfUnknownSize: 2 });
  });

  test("of archived storage can be less than nothing: a layer that only archived images still have moves there", () => {
    const images = [image("a", [BASE]), image("old", [BASE], "ARCHIVED")];
    expect(savings(images, new Set([aDigest("a")]))).toMatchObject({ bytes: 0, archivedBytes: -100 });
  });
});

// An oracle that shares nothing with the code: for every byte, who has its layer.
type World = { readonly images: readonly SizedImage[]; readonly sizes: ReadonlyMap<string, number> };

function oracle({ images, sizes }: World) {
  let [bytes, archivedBytes] = [0, 0];
  for (const [digest, size] of sizes) {
    const holders = images.filter(({ layers }) => layers?.some((it) => it.digest === digest));
    if (holders.length > 0) bytes += size;
    if (holders.length > 0 && holders.every(({ status }) => status === "ARCHIVED")) archivedBytes += size;
  }
  const unknown = new Set(images.filter(({ layers }) => !layers).map(({ digest }) => digest));
  return { bytes, archivedBytes, imagesOfUnknownSize: unknown.size };
}

const world: fc.Arbitrary<World> = fc
  .array(fc.nat(10_000_000_000), { minLength: 1, maxLength: 12 })
  .chain((numbers) => {
    const layers = numbers.map((size, i) => layer(`layer ${i}`, size));
    const some = fc.option(fc.subarray(layers), { nil: undefined, freq: 5 });
    const status = fc.constantFrom("ACTIVE", "ACTIVE", "ARCHIVED", "ACTIVATING") as fc.Arbitrary<
      SizedImage["status"]
    >;
    const one = fc.tuple(fc.nat(15), some, status).map(([name, its, state]) => image(`${name}`, its, state));
    return fc.record({
      images: fc.uniqueArray(one, { maxLength: 15, selector: ({ digest }) => digest }),
      sizes: fc.constant(new Map(layers.map(({ digest, size }) => [digest, size]))),
    });
  });

test("whatever the images share, what is billed is what an independent count says, given twice or in any order", () => {
  fc.assert(
    fc.property(world, (it) => {
      expect(billedBytes(it.images)).toEqual(oracle(it));
      expect(billedBytes([...it.images, ...it.images].reverse())).toEqual(oracle(it));
    }),
  );
});

test("savings of any set of images are billed before less billed after, exactly, and come back with the images", () => {
  fc.assert(
    fc.property(world, fc.array(fc.nat(20)), (it, names) => {
      const removed = new Set(names.map((name) => aDigest(`${name}`)));
      const kept = { ...it, images: it.images.filter(({ digest }) => !removed.has(digest)) };
      const [before, after] = [oracle(it), oracle(kept)];
      expect(savings(it.images, removed)).toEqual({
        bytes: before.bytes - after.bytes,
        archivedBytes: before.archivedBytes - after.archivedBytes,
        removedOfUnknownSize: before.imagesOfUnknownSize - after.imagesOfUnknownSize,
        keptOfUnknownSize: after.imagesOfUnknownSize,
      });
      // In two steps as in one: nothing is counted twice, nothing is lost between.
      const rest = [...removed].slice(1);
      const first = savings(it.images, new Set([...removed].slice(0, 1)));
      const remaining = it.images.filter(({ digest }) => digest !== [...removed][0]);
      expect(first.bytes + savings(remaining, new Set(rest)).bytes).toBe(before.bytes - after.bytes);
    }),
  );
});
