import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aManifest, anIndex, asManifest } from "../../../../test/builders/manifest.ts";
import { UnreadableManifestError } from "./errors.ts";
import { MAX_MANIFEST_BYTES, parseManifest } from "./parse-manifest.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const child = (seed: string, platform?: unknown) => ({
  digest: aDigest(seed),
  ...(platform ? { platform } : {}),
});

describe("a manifest", () => {
  test("of an image refers to no other", () => {
    expect(parseManifest(aManifest())).toEqual([]);
  });

  test("of a referrer names its subject", () => {
    expect(parseManifest(aManifest("sbom", aDigest("image")))).toEqual([
      { kind: "subject", digest: aDigest("image") },
    ]);
  });

  test("of an index names its children with their platforms", () => {
    const [amd64, arm64] = [aManifest("amd64"), aManifest("arm64")];
    expect(parseManifest(anIndex([amd64, arm64]))).toEqual([
      { kind: "child", digest: amd64.digest, platform: "linux/amd64" },
      { kind: "child", digest: arm64.digest, platform: "linux/arm64" },
    ]);
  });

  test("of an index names a variant, a child without a platform, and each digest once", () => {
    const arm = { os: "linux", architecture: "arm", variant: "v7" };
    const manifest = asManifest(INDEX, { manifests: [child("a", arm), child("b"), child("a")] });
    expect(parseManifest(manifest)).toEqual([
      { kind: "child", digest: aDigest("a"), platform: "linux/arm/v7" },
      { kind: "child", digest: aDigest("b") },
    ]);
  });

  test.each([{}, { manifests: null, subject: null }, { manifests: [], annotations: { deep: [[[[{}]]]] } }])(
    "that says nothing of others (%j) is read as such",
    (document) => expect(parseManifest(asManifest(INDEX, document))).toEqual([]),
  );
});

describe("bytes that are no manifest", () => {
  const bytes = (text: string | Uint8Array) => ({
    digest: aDigest("x"),
    mediaType: INDEX,
    bytes: typeof text === "string" ? new TextEncoder().encode(text) : text,
  });

  test.each([
    ["nothing", bytes("")],
    ["no JSON", bytes("<html>")],
    ["a list", bytes("[]")],
    ["null", bytes("null")],
    ["not UTF-8", bytes(new Uint8Array([0x7b, 0xff, 0x7d]))],
    ["a digest that is none", asManifest(INDEX, { manifests: [{ digest: "sha256:../../etc" }] })],
    ["a child without a digest", asManifest(INDEX, { manifests: [{}] })],
    ["more children than an index has", asManifest(INDEX, { manifests: Array(1001).fill(child("a")) })],
    ["more bytes than ECR takes", bytes(new Uint8Array(MAX_MANIFEST_BYTES + 1))],
    ["brackets without end", bytes("[".repeat(MAX_MANIFEST_BYTES))],
  ])("(%s) are an error", (_, manifest) => {
    expect(() => parseManifest(manifest)).toThrow(UnreadableManifestError);
  });

  test("nested a million deep, where nobody looks, do no harm", () => {
    const deep = `{"annotations":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`;
    expect(parseManifest(bytes(deep))).toEqual([]);
  });
});
