import { describe, expect, test } from "vitest";
import {
  anImage,
  anIndex,
  type BuiltManifest,
  OCI_INDEX,
  OCI_MANIFEST,
  sha256,
} from "../testing/image-builder.ts";
import { convertManifest } from "./convert-manifest.ts";
import { parseManifest } from "./manifest.ts";

const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const oci = anImage(["one", "two"]);
const docker = (() => {
  const text = oci.bytes
    .toString()
    .replaceAll(OCI_MANIFEST, DOCKER)
    .replaceAll("vnd.oci.image.config.v1+json", "vnd.docker.container.image.v1+json")
    .replaceAll("vnd.oci.image.layer.v1.tar+gzip", "vnd.docker.image.rootfs.diff.tar.gzip");
  const bytes = Buffer.from(text);
  return { bytes, digest: sha256(bytes), mediaType: DOCKER, blobs: oci.blobs };
})();

describe("a manifest for a client that takes the other form", () => {
  test.each([
    ["OCI's", oci, docker],
    ["Docker's", docker, oci],
  ])("%s names the same bytes by the other's media types, under a digest of its own", (_, from, to) => {
    const sent = convertManifest(from, [to.mediaType]);
    expect(JSON.parse(sent.bytes.toString())).toEqual(JSON.parse(to.bytes.toString()));
    expect(sent.mediaType).toBe(to.mediaType);
    expect(sent.digest).toBe(sha256(sent.bytes));
    expect(sent.digest).not.toBe(from.digest);
    expect(parseManifest(sent.bytes, undefined).layers).toEqual(parseManifest(from.bytes, undefined).layers);
  });

  test("says its media type also where the stored one did not", () => {
    const { mediaType: _, ...rest } = JSON.parse(oci.bytes.toString());
    const bytes = Buffer.from(JSON.stringify(rest));
    const sent = convertManifest({ bytes, mediaType: OCI_MANIFEST, digest: sha256(bytes) }, [DOCKER]);
    expect(JSON.parse(sent.bytes.toString()).mediaType).toBe(DOCKER);
  });

  const withConfig = (mediaType: string) => {
    const manifest = JSON.parse(oci.bytes.toString());
    return anImage(["one"], { config: { ...manifest.config, mediaType } });
  };
  const subject = { mediaType: OCI_MANIFEST, digest: oci.digest, size: oci.bytes.byteLength };
  test.each<[string, BuiltManifest, readonly string[]]>([
    ["whatever is asked for by nobody", oci, []],
    ["what the client takes", oci, [DOCKER, OCI_MANIFEST]],
    ["what the client takes, said with a parameter", docker, [OCI_MANIFEST, `${DOCKER}; q=0.5`]],
    ["what a client that takes everything gets", oci, [DOCKER, "*/*"]],
    ["what the client could take in no form", oci, [SCHEMA1, OCI_INDEX]],
    ["an index", anIndex([oci]), [DOCKER]],
    ["an artifact", withConfig("application/vnd.cncf.helm.config.v1+json"), [DOCKER]],
    ["a typed artifact", anImage(["one"], { artifactType: "text/sbom+json" }), [DOCKER]],
    ["what is about another image", anImage(["one"], { subject }), [DOCKER]],
    [
      "an image with a layer that Docker has no name for",
      anImage(["one"], { layers: [{ mediaType: "application/x-tar", digest: oci.digest, size: 1 }] }),
      [DOCKER],
    ],
  ])("%s goes as it is", (_, stored, accepted) => {
    expect(convertManifest(stored, accepted)).toBe(stored);
  });
});
