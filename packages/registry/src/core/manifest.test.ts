import { describe, expect, test } from "vitest";
import { anImage, anIndex, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, sha256 } from "../testing/image-builder.ts";
import { parseManifest } from "./manifest.ts";
import { DEFAULT_SWITCHES } from "./switches.ts";

const digest = `sha256:${"a".repeat(64)}`;
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const config = { mediaType: OCI_CONFIG, digest, size: 2 };
const huge = {
  mediaType: "application/x-tar",
  digest,
  size: Number.MAX_SAFE_INTEGER,
  urls: ["https://example.com"],
};
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
    const switches = { ...DEFAULT_SWITCHES, artifactMediaType: "artifactType" } as const;
    expect(parseManifest(json(sbom), undefined, switches)).toMatchObject({
      artifactMediaType: "text/sbom+json",
    });
    expect(parseManifest(json({ ...bare, mediaType: OCI_MANIFEST }), undefined, switches)).toMatchObject({
      artifactMediaType: OCI_CONFIG,
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
      "a fraction of a byte",
      json({ ...bare, mediaType: OCI_MANIFEST, config: { ...config, size: 0.5 } }),
      "config.size",
    ],
    [
      "sizes beyond counting",
      json({ ...bare, mediaType: OCI_MANIFEST, layers: [huge, huge] }),
      "layers: sizes must add up",
    ],
    [
      "a digest of another algorithm",
      json({
        ...bare,
        mediaType: OCI_MANIFEST,
        config: { ...config, digest: `sha512:${"a".repeat(128)}` },
      }),
      "config.digest",
    ],
    [
      "a subject without a size",
      json({ ...bare, mediaType: OCI_MANIFEST, subject: { mediaType: OCI_MANIFEST, digest } }),
      "subject.size",
    ],
    [
      "annotations that are no text",
      json({ ...bare, mediaType: OCI_MANIFEST, annotations: { a: 1 } }),
      "annotations.a",
    ],
    [
      "a member twice",
      Buffer.from('{"schemaVersion":2,"schemaVersion":1}'),
      "'schemaVersion' must not stand",
    ],
    ["children in an image", json({ ...bare, mediaType: OCI_MANIFEST, manifests: [] }), "manifests"],
    [
      "layers in an index",
      json({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], layers: [] }),
      "layers",
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

describe("a Docker manifest of schema version 1", () => {
  const [one, two] = [digest, `sha256:${"b".repeat(64)}`];
  const plain = {
    schemaVersion: 1,
    name: "team/app",
    tag: "old",
    architecture: "amd64",
    fsLayers: [{ blobSum: one }, { blobSum: two }],
    history: [{ v1Compatibility: "{}" }, { v1Compatibility: "{}" }],
  };
  const payload = JSON.stringify(plain, null, 3);

  /** As Docker signs: the signatures go in before the closing brace, and say where it stood. */
  function signed(formatLength = payload.length - 2): Buffer {
    const claim = { formatLength, formatTail: Buffer.from("\n}").toString("base64url") };
    const signatures = [
      { header: {}, signature: "x", protected: Buffer.from(JSON.stringify(claim)).toString("base64url") },
    ];
    return Buffer.from(`${payload.slice(0, -2)},\n   "signatures": ${JSON.stringify(signatures)}\n}`);
  }

  test("is known by the digest of what was signed, without the signatures", () => {
    const parsed = parseManifest(signed(), "application/vnd.docker.distribution.manifest.v1+prettyjws");
    expect(parsed.digest).toBe(sha256(Buffer.from(payload)));
    expect(parsed.layers.map((layer) => layer.digest)).toEqual([one, two]);
    expect(parsed).toMatchObject({ children: [], subject: null, artifactMediaType: null });
  });

  test.each([undefined, "application/json"])("needs no media type: declared as %s", (declared) => {
    expect(parseManifest(signed(), declared).mediaType).toMatch(/v1\+prettyjws$/);
    expect(parseManifest(Buffer.from(payload), declared)).toMatchObject({
      digest: sha256(Buffer.from(payload)),
      mediaType: "application/vnd.docker.distribution.manifest.v1+json",
    });
  });

  test.each([
    ["signs more than there is", signed(1_000_000), "signatures.0.protected"],
    ["has no layers", json({ ...plain, fsLayers: [] }), "fsLayers"],
    ["has a bad layer", json({ ...plain, fsLayers: [{ blobSum: "x" }] }), "fsLayers.0.blobSum"],
  ])("that %s is refused", (_, bytes, text) => {
    expect(() => parseManifest(bytes, undefined)).toThrow(text);
  });
});
