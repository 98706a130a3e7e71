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
  test("of an image names its config and its layers, and refers to no other manifest", () => {
    expect(parseManifest(aManifest())).toEqual({
      children: [],
      config: { digest: aDigest("image/config"), size: 233 },
      layers: [{ digest: aDigest("image/layer"), size: 1_048_576 }],
    });
  });

  test("of a referrer names its subject", () => {
    expect(parseManifest(aManifest("sbom", aDigest("image")))).toMatchObject({ subject: aDigest("image") });
  });

  test("of an index names its children with their platforms and sizes, and has no layers", () => {
    const [amd64, arm64] = [aManifest("amd64"), aManifest("arm64")];
    expect(parseManifest(anIndex([amd64, arm64]))).toEqual({
      children: [
        { digest: amd64.digest, platform: "linux/amd64", size: amd64.bytes.byteLength },
        { digest: arm64.digest, platform: "linux/arm64", size: arm64.bytes.byteLength },
      ],
      layers: [],
    });
  });

  test("of an index names a variant, a child without a platform, and each digest once", () => {
    const arm = { os: "linux", architecture: "arm", variant: "v7" };
    const manifest = asManifest(INDEX, { manifests: [child("a", arm), child("b"), child("a")] });
    expect(parseManifest(manifest).children).toEqual([
      { digest: aDigest("a"), platform: "linux/arm/v7" },
      { digest: aDigest("b") },
    ]);
  });

  test.each([{}, { manifests: null, subject: null }, { manifests: [], annotations: { deep: [[[[{}]]]] } }])(
    "that says nothing (%j) is read as such",
    (document) => expect(parseManifest(asManifest(INDEX, document))).toEqual({ children: [], layers: [] }),
  );

  const layer = (seed: string, size: number, more = {}) => ({ digest: aDigest(seed), size, ...more });
  const layersOf = (document: unknown) => parseManifest(asManifest(INDEX, document)).layers;

  test("names each layer once, at the largest of the sizes it gives", () => {
    expect(layersOf({ layers: [layer("a", 5), layer("b", 1), layer("a", 7), layer("a", 6)] })).toEqual([
      layer("a", 7),
      layer("b", 1),
    ]);
  });

  test.each([
    ["Docker's foreign", { mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" }],
    ["OCI's non-distributable", { mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar" }],
    ["that lie elsewhere", { urls: ["https://example.com/layer"] }],
  ])("leaves layers out that the registry does not store: %s", (_, more) => {
    expect(layersOf({ layers: [layer("a", 5, more), layer("b", 1, { urls: [] })] })).toEqual([layer("b", 1)]);
  });

  test("of an artifact, before OCI 1.1 made them images, names its blobs", () => {
    expect(layersOf({ blobs: [layer("a", 5)] })).toEqual([layer("a", 5)]);
  });

  test("of schema 1 names layers without sizes, so nothing is said of them", () => {
    expect(
      parseManifest(asManifest(INDEX, { schemaVersion: 1, fsLayers: [{ blobSum: aDigest("a") }] })),
    ).toEqual({
      children: [],
    });
  });
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
    ["a layer without a size", asManifest(INDEX, { layers: [{ digest: aDigest("a") }] })],
    ["a layer of less than nothing", asManifest(INDEX, { layers: [{ digest: aDigest("a"), size: -1 }] })],
    [
      "a layer that cannot be counted",
      asManifest(INDEX, { layers: [{ digest: aDigest("a"), size: 2 ** 53 }] }),
    ],
    ["a child without a digest", asManifest(INDEX, { manifests: [{}] })],
    ["more children than an index has", asManifest(INDEX, { manifests: Array(1001).fill(child("a")) })],
    ["more bytes than ECR takes", bytes(new Uint8Array(MAX_MANIFEST_BYTES + 1))],
    ["brackets without end", bytes("[".repeat(MAX_MANIFEST_BYTES))],
  ])("(%s) are an error", (_, manifest) => {
    expect(() => parseManifest(manifest)).toThrow(UnreadableManifestError);
  });

  test("nested a million deep, where nobody looks, do no harm", () => {
    const deep = `{"annotations":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`;
    expect(parseManifest(bytes(deep)).children).toEqual([]);
  });
});
