import fc from "fast-check";
import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import type { Layer } from "./listing.ts";
import { sharedBytesCounter } from "./shared-bytes.ts";

const shared = (repositories: readonly (readonly Layer[])[]) => {
  const counter = sharedBytesCounter();
  for (const layers of repositories) for (const layer of layers) counter.add(layer);
  return counter.bytes();
};
const layer = (name: string, size: number) => ({ digest: aDigest(name), size });

test("a layer in three repositories is billed three times, two of them for what is there already", () => {
  const base = layer("base", 100);
  expect(shared([[base, layer("a", 1)], [base, layer("b", 2)], [base]])).toBe(200);
});

test("what no two repositories hold is not shared", () => {
  expect(shared([[layer("a", 1)], [layer("b", 2)], []])).toBe(0);
});

test("a digest of zeroes is a layer like any other", () => {
  const zero = { digest: `sha256:${"0".repeat(64)}`, size: 5 };
  expect(shared([[zero], [zero]])).toBe(5);
});

test("for any repositories it is the sum of what each bills less what all hold together, beyond one growth of the table", () => {
  const world = fc
    .array(fc.nat(1_000_000), { minLength: 2000, maxLength: 3000 })
    .chain((sizes) =>
      fc.array(fc.subarray(sizes.map((size, i) => layer(`layer ${i}`, size))), { maxLength: 5 }),
    );
  fc.assert(
    fc.property(world, (repositories) => {
      const sum = (layers: Iterable<Layer>) => [...layers].reduce((total, { size }) => total + size, 0);
      const union = new Map(repositories.flat().map((it) => [it.digest, it]));
      expect(shared(repositories)).toBe(sum(repositories.flat()) - sum(union.values()));
    }),
    { numRuns: 20 },
  );
});
