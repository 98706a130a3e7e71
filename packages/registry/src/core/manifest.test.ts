import { describe, expect, test } from "vitest";
import { anImage, anIndex, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, sha256 } from "../testing/image-builder.ts";
import { parseManifest } from "./manifest.ts";

const digest = `sha256:${"a".repeat(64)}`;
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const config = { mediaType: OCI_CONFIG, digest, size: 2 };
const bare = { schemaVersion: 2, config, layers: [] };

describe("a manifest", () => {
  test("has the digest of its bytes, whatever their layout", () => {
    const image = anImage(["a", "b"]);
    const parsed = parseManifest(image.bytes, undefined);
    expect(parsed.digest).toBe(sha256(image.bytes));
    expect(parsed).toMatchObject({ mediaType: OCI_MANIFEST, artifactMediaType: OCI_CONFIG, subject: null });
    expect(parsed.layers).toHaveLength(2);
  });

  test("that is an index names its children, each one once", () => {
    const child = anImage();
    const parsed = parseManifest(anIndex([child, child]).bytes, OCI_INDEX);
    expect(parsed.children).toEqual([child.digest]);
    expect(parsed.config).toBeUndefined();
  });

  test("takes its media type from the caller only where it has none itself", () => {
    expect(parseManifest(json(bare), OCI_MANIFEST).mediaType).toBe(OCI_MANIFEST);
    expect(() => parseManifest(json(bare), undefined)).toThrow("imageManifestMediaType");
    expect(() => parseManifest(anImage().bytes, OCI_INDEX)).toThrow("imageManifestMediaType");
  });

  test("with an empty config is known by its artifactType, otherwise by its config", () => {
    const empty = { ...config, mediaType: "application/vnd.oci.empty.v1+json" };
    const sbom = { ...bare, mediaType: OCI_MANIFEST, artifactType: "text/sbom+json" };
    expect(parseManifest(json({ ...sbom, config: empty }), undefined)).toMatchObject({
      artifactMediaType: "text/sbom+json",
      artifactType: "text/sbom+json",
    });
    expect(parseManifest(json(sbom), undefined)).toMatchObject({
      artifactMediaType: OCI_CONFIG,
      artifactType: "text/sbom+json",
    });
  });

  test("tells foreign layers, which need not be pushed", () => {
    const foreign = { mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar", digest, size: 9 };
    const urls = { mediaType: "application/octet-stream", digest, size: 9, urls: ["https://example.com/l"] };
    const parsed = parseManifest(json({ ...bare, layers: [foreign, urls, config] }), OCI_MANIFEST);
    expect(parsed.layers.map((layer) => layer.foreign)).toEqual([true, true, false]);
  });

  test.each([
    ["no JSON", Buffer.from("{"), "Invalid JSON syntax"],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), "Invalid JSON syntax"],
    ["a byte order mark", Buffer.from("\ufeff{}"), "Invalid JSON syntax"],
    ["null", Buffer.from("null"), "mediaType"],
    [
      "a parameter in the media type",
      json({ ...bare, mediaType: `${OCI_MANIFEST}; charset=utf-8` }),
      "Unsupported",
    ],
    ["schema version 1", json({ ...bare, schemaVersion: 1, mediaType: OCI_MANIFEST }), "schemaVersion"],
    [
      "a bad layer digest",
      json({ ...bare, mediaType: OCI_MANIFEST, layers: [{ ...config, digest: "sha256:x" }] }),
      "layers.0.digest",
    ],
    [
      "a negative size",
      json({ ...bare, mediaType: OCI_MANIFEST, config: { ...config, size: -1 } }),
      "config.size",
    ],
    [
      "a config type with a parameter",
      json({ ...bare, mediaType: OCI_MANIFEST, config: { ...config, mediaType: "a/b;c" } }),
      "config.mediaType",
    ],
  ])("with %s is refused and says where", (_, bytes, text) => {
    expect(() => parseManifest(bytes, undefined)).toThrow(text);
  });
});
