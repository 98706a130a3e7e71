import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkLayerPath, isLayerDownload, signLayerPath } from "./layer-url.ts";

const secret = Buffer.from("a secret of the registry");
const digest = `sha256:${"5".repeat(64)}`;
const address = { account: "111122223333", region: "eu-central-1", repository: "team/app", digest };
const signed = new Date("2026-11-21T10:00:00.000Z");
const life = 60_000;
const path = signLayerPath(secret, address, { now: signed, life });
const later = (milliseconds: number) => new Date(signed.getTime() + milliseconds);

describe("the URL of a layer", () => {
  test("is good for its address from when it was signed until, and not at, its end", () => {
    expect(isLayerDownload(path)).toBe(true);
    for (const at of [0, 1, life - 1]) {
      expect(checkLayerPath(secret, path, later(at))).toEqual({ good: true, address });
    }
    expect(checkLayerPath(secret, path, later(life))).toEqual({
      good: false,
      because: "expired",
      expires: "60",
      at: later(life),
    });
  });

  test("is not yet good when the clock is set back by more than a quarter of an hour", () => {
    const quarter = 15 * 60 * 1000;
    expect(checkLayerPath(secret, path, later(-quarter)).good).toBe(true);
    expect(checkLayerPath(secret, path, later(-quarter - 1))).toEqual({ good: false, because: "early" });
  });

  test("may have its digest's colon encoded", () => {
    expect(checkLayerPath(secret, path.replace("sha256:", "sha256%3A"), signed).good).toBe(true);
  });

  test("of another secret is forged, and without a signature unsigned", () => {
    const other = signLayerPath(Buffer.from("other"), address, { now: signed, life });
    expect(checkLayerPath(secret, other, signed)).toEqual({ good: false, because: "forged" });
    const bare = path.slice(0, path.indexOf("?"));
    expect(checkLayerPath(secret, bare, signed)).toEqual({ good: false, because: "unsigned" });
  });

  test("is not good, and throws nothing, after any change of a character", () => {
    const changes = fc.record({
      at: fc.integer({ min: 0, max: path.length - 1 }),
      character: fc.constantFrom(..."abcdef0123456789/?&=%:._-ZT"),
    });
    fc.assert(
      fc.property(changes, ({ at, character }) => {
        const changed = path.slice(0, at) + character + path.slice(at + 1);
        expect(checkLayerPath(secret, changed, signed).good).toBe(changed === path);
      }),
      { numRuns: 2000 },
    );
  });

  test("that somebody made up is no URL of a layer, and throws nothing", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const target = `/starport-layers/${a}?X-Amz-Date=${b}&X-Amz-Expires=${a}&X-Amz-Signature=${b}`;
        expect(checkLayerPath(secret, target, signed).good).toBe(false);
      }),
    );
  });
});
