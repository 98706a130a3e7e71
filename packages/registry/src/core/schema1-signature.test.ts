import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "../testing/image-builder.ts";
import { parseManifest } from "./manifest.ts";
import { createManifestSigner, keyId } from "./schema1-signature.ts";

const NOW = new Date("2026-11-21T10:00:00.123Z");
const payload = JSON.stringify(
  {
    schemaVersion: 1,
    name: "Söhne",
    fsLayers: [{ blobSum: `sha256:${"a".repeat(64)}` }],
    history: [{ v1Compatibility: "{}" }],
  },
  null,
  3,
);

/** RFC 7515, section 5.2, of what stands in the text: what was signed is put together again as each signature says. */
function verified(signed: Buffer): { readonly payload: Buffer; readonly claim: { readonly time: string } } {
  const [signature] = JSON.parse(signed.toString()).signatures;
  const claim = JSON.parse(Buffer.from(signature.protected, "base64url").toString());
  const tail = Buffer.from(claim.formatTail, "base64url");
  const bytes = Buffer.concat([signed.subarray(0, claim.formatLength), tail]);
  const key = createPublicKey({ key: signature.header.jwk, format: "jwk" });
  const input = Buffer.from(`${signature.protected}.${bytes.toString("base64url")}`);
  const raw = Buffer.from(signature.signature, "base64url");
  expect(signature.header.alg).toBe("ES256");
  expect(verify("sha256", input, { key, dsaEncoding: "ieee-p1363" }, raw)).toBe(true);
  return { payload: bytes, claim };
}

describe("a signed manifest", () => {
  test("verifies by the key it names, and holds what was signed, the time included", () => {
    const signed = Buffer.from(createManifestSigner()(payload, NOW));
    const { payload: found, claim } = verified(signed);
    expect(found.toString()).toBe(payload);
    expect(claim.time).toBe("2026-11-21T10:00:00Z");
  });

  test("is the same object with one member more, indented as the rest is", () => {
    const signed = createManifestSigner()(payload, NOW);
    const { signatures, ...rest } = JSON.parse(signed);
    expect(rest).toEqual(JSON.parse(payload));
    expect(signed).toBe(JSON.stringify({ ...rest, signatures }, null, 3));
  });

  test("has one length and one digest, whenever it is signed", () => {
    const sign = createManifestSigner();
    const [one, two] = [sign(payload, NOW), sign(payload, new Date(0))].map((text) => Buffer.from(text));
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(false);
    expect(one?.byteLength).toBe(two?.byteLength);
    for (const signed of [one, two])
      expect(parseManifest(signed ?? Buffer.alloc(0), undefined).digest).toBe(sha256(Buffer.from(payload)));
  });

  test("keeps whatever text is in it", () => {
    const sign = createManifestSigner();
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (value) => {
        const text = JSON.stringify(value, null, 3);
        expect(verified(Buffer.from(sign(text, NOW))).payload.toString()).toBe(Buffer.from(text).toString());
      }),
      { numRuns: 30 },
    );
  });

  test("takes as long as its text is long, also where that is blanks and braces", () => {
    const text = JSON.stringify({ a: " ".repeat(1_000_000), b: Array(100_000).fill({ c: 1 }) }, null, 3);
    const start = performance.now();
    expect(verified(Buffer.from(createManifestSigner()(text, NOW))).payload.toString() === text).toBe(true);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test("names its key as Docker's clients compute it", () => {
    const kidOf = (jwk: JsonWebKey) => keyId(createPublicKey({ key: jwk, format: "jwk" }));
    // A key of `docker-registry` 2.8.2 and the name that it gave it.
    const x = "_d63EMb2mVXtwd2M6JaE7crUtj_SFauAdyIdc0rldUg";
    const y = "bzttC4_45A1jpOtEycyJlO77g0u1Ep12M7EAk5LKt5Y";
    expect(kidOf({ kty: "EC", crv: "P-256", x, y })).toBe(
      "NWE2:ASI3:OV7J:JTW2:646D:WKU5:IJLI:O3FR:B4XM:IEJ5:DB37:3EQW",
    );
    const [signature] = JSON.parse(createManifestSigner()(payload, NOW)).signatures;
    expect(signature.header.jwk.kid).toBe(kidOf(signature.header.jwk));
  });
});
