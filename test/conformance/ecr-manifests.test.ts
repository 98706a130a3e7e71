import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  GetDownloadUrlForLayerCommand,
  ImageDigestDoesNotMatchException,
  type ImageIdentifier,
  InvalidParameterException,
  LayersNotFoundException,
  PutImageCommand,
  ReferencedImagesNotFoundException,
} from "@aws-sdk/client-ecr";
import { EMPTY_LAYER } from "@tallyman/registry/core/schema1-image";
import { ask } from "@tallyman/registry/testing/http-client";
import {
  anImage,
  anIndex,
  aSchema2Image,
  DOCKER_MANIFEST as DOCKER,
  DOCKER_CONFIG,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
  sha256,
} from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { beforeEach, describe, expect, test } from "vitest";
import { oneRepository, repositoryName } from "./support/one-repository.ts";

/** Manifests as the AWS SDK knows them; where AWS documents nothing, with both settings. */
const SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const [a, b] = [anImage(["a"]), anImage(["bb"])];
const { world, create, push, put } = oneRepository();
const get = (imageId: ImageIdentifier, acceptedMediaTypes?: string[]) =>
  world.ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [imageId], acceptedMediaTypes }));
async function described(imageDigest: string) {
  const { imageDetails } = await world.ecr.send(
    new DescribeImagesCommand({ repositoryName, imageIds: [{ imageDigest }] }),
  );
  return imageDetails?.[0];
}

describe("a manifest", () => {
  beforeEach(() => create());

  test("without what it needs is refused by what is missing", async () => {
    await expect(put(a)).rejects.toBeInstanceOf(LayersNotFoundException);
    await expect(put(anIndex([a]))).rejects.toBeInstanceOf(ReferencedImagesNotFoundException);
    await push(a);
    const imageDigest = b.digest;
    await expect(put(a, { imageDigest })).rejects.toBeInstanceOf(ImageDigestDoesNotMatchException);
    await expect(put(a, { imageTag: "a b" })).rejects.toBeInstanceOf(InvalidParameterException);
  });

  test("may be about an image that is not there yet, unless that is chosen", async () => {
    const subject = { mediaType: OCI_MANIFEST, digest: a.digest, size: a.bytes.byteLength };
    const [first, second] = [anImage(["1"], { subject }), anImage(["2"], { subject })];
    expect((await push(first)).status).toBe(201);
    expect((await described(first.digest))?.subjectManifestDigest).toBe(a.digest);
    for (const blob of second.blobs) await clientOf(world.server).pushBlob(repositoryName, blob);
    world.server.registry.setSwitches({ subjectMustExist: true });
    await expect(put(second)).rejects.toBeInstanceOf(ReferencedImagesNotFoundException);
    await push(a);
    await put(second);
  });

  test("has the size of its layers as they are stored; an index that of its largest child", async () => {
    await push(anImage(["four", "fourteen bytes"]), "image");
    await push(a);
    const index = anIndex([anImage(["four", "fourteen bytes"]), a]);
    await push(index, "index");
    const { imageDetails = [] } = await world.ecr.send(
      new DescribeImagesCommand({
        repositoryName,
        imageIds: [{ imageTag: "image" }, { imageTag: "index" }],
      }),
    );
    expect(imageDetails.map((image) => [image.imageManifestMediaType, image.imageSizeInBytes])).toEqual([
      [OCI_MANIFEST, 18],
      [OCI_INDEX, 18],
    ]);
  });

  test.each([
    ["config", OCI_CONFIG],
    ["artifactType", "text/sbom+json"],
  ] as const)("with both a config and an artifactType is known by its %s", async (from, mediaType) => {
    world.server.registry.setSwitches({ artifactMediaType: from });
    const sbom = anImage(["sbom"], { artifactType: "text/sbom+json" });
    await push(sbom);
    expect((await described(sbom.digest))?.artifactMediaType).toBe(mediaType);
  });

  test("comes by tag in the form that the client takes, and by digest as it is", async () => {
    await push(a, "1");
    const { images: byTag = [] } = await get({ imageTag: "1" }, [DOCKER]);
    const converted = byTag[0]?.imageManifest ?? "";
    expect(byTag[0]).toMatchObject({
      imageManifestMediaType: DOCKER,
      imageId: { imageTag: "1", imageDigest: sha256(Buffer.from(converted)) },
    });
    const { config, layers } = JSON.parse(converted);
    expect(config.mediaType).toBe(DOCKER_CONFIG);
    expect(layers).toMatchObject([{ digest: sha256(a.blobs[1] ?? Buffer.alloc(0)) }]);
    for (const accepted of [[OCI_MANIFEST, DOCKER], [OCI_INDEX], undefined]) {
      const { images = [] } = await get({ imageTag: "1" }, accepted);
      expect(images[0]?.imageManifest).toBe(a.bytes.toString());
    }
    const { images = [] } = await get({ imageDigest: a.digest }, [DOCKER]);
    expect(images[0]).toMatchObject({ imageManifestMediaType: OCI_MANIFEST, imageManifest: String(a.bytes) });
  });

  test("comes over /v2 in the form that the client takes, and by digest as it is", async () => {
    await push(a, "1");
    const client = clientOf(world.server);
    const pull = (reference: string, Accept: string) =>
      client.v2({ method: "GET", path: `/v2/${repositoryName}/manifests/${reference}`, headers: { Accept } });
    const docker = await pull("1", DOCKER);
    expect(docker.headers).toMatchObject({
      "content-type": DOCKER,
      "docker-content-digest": sha256(docker.body),
    });
    for (const [reference, accept] of [
      ["1", `${OCI_INDEX}, ${OCI_MANIFEST}`],
      ["1", "*/*"],
      [a.digest, DOCKER],
    ] as const)
      expect((await pull(reference, accept)).text).toBe(a.bytes.toString());
  });

  async function pushSchema2(tag: string) {
    const image = aSchema2Image();
    expect((await push(image, tag)).status).toBe(201);
    const [, base = Buffer.alloc(0), top = Buffer.alloc(0)] = image.blobs;
    return { image, base, top };
  }

  test.each([
    ["signed", SCHEMA1],
    ["unsigned", "application/vnd.docker.distribution.manifest.v1+json"],
  ])("of schema 2 comes by tag as schema 1, %s, to a client that takes nothing newer", async (_, accept) => {
    const { base, top } = await pushSchema2("1");
    const { images = [] } = await get({ imageTag: "1" }, [accept]);
    const [image] = images;
    expect(image?.imageManifestMediaType).toBe(accept);
    const { name, tag, fsLayers, signatures, ...rest } = JSON.parse(image?.imageManifest ?? "");
    expect([name, tag, rest.schemaVersion]).toEqual([repositoryName, "1", 1]);
    expect(fsLayers).toEqual([top, EMPTY_LAYER.bytes, base].map((bytes) => ({ blobSum: sha256(bytes) })));
    expect(signatures?.length).toBe(accept === SCHEMA1 ? 1 : undefined);

    const client = clientOf(world.server);
    const path = `/v2/${repositoryName}/manifests/1`;
    for (const method of ["GET", "HEAD"]) {
      const pulled = await client.v2({ method, path, headers: { Accept: accept } });
      expect(pulled.headers).toMatchObject({
        "content-type": accept,
        "content-length": String(Buffer.byteLength(image?.imageManifest ?? "")),
        "docker-content-digest": image?.imageId?.imageDigest,
      });
    }
    // The digest is that under which the registry would keep it, and its layers are there to be pulled.
    const input = { repositoryName, imageManifest: image?.imageManifest, imageManifestMediaType: accept };
    const kept = await world.ecr.send(new PutImageCommand({ ...input, imageTag: "kept" }));
    expect(kept.image?.imageId?.imageDigest).toBe(image?.imageId?.imageDigest);
    const { images: again = [] } = await get({ imageTag: "kept" }, [DOCKER]);
    expect(again[0]).toMatchObject({ imageManifest: image?.imageManifest, imageManifestMediaType: accept });
  });

  test.each([false, true])(
    "of schema 1 that was made has all of its layers to be pulled, with strictEcr: %s",
    async (strictEcr) => {
      world.server.registry.setSwitches({ strictEcr });
      await pushSchema2("1");
      await get({ imageTag: "1" }, [SCHEMA1]);
      const path = `/v2/${repositoryName}/blobs/${EMPTY_LAYER.digest}`;
      const direct = await clientOf(world.server).v2({ method: "GET", path });
      expect(direct.status).toBe(strictEcr ? 307 : 200);
      const layer = { repositoryName, layerDigest: EMPTY_LAYER.digest };
      const { downloadUrl = "" } = await world.ecr.send(new GetDownloadUrlForLayerCommand(layer));
      const target = new URL(strictEcr ? String(direct.headers.location) : downloadUrl);
      const read = await ask(world.server.url, { method: "GET", path: `${target.pathname}${target.search}` });
      expect(EMPTY_LAYER.bytes.equals(read.body)).toBe(true);
    },
  );

  test("of schema 2 comes as it is by digest, to who takes it too, and when its config tells no history", async () => {
    const { image } = await pushSchema2("1");
    const { images: byDigest = [] } = await get({ imageDigest: image.digest }, [SCHEMA1]);
    const { images: both = [] } = await get({ imageTag: "1" }, [SCHEMA1, DOCKER]);
    for (const [found] of [byDigest, both])
      expect(found).toMatchObject({ imageManifest: image.bytes.toString(), imageManifestMediaType: DOCKER });
    const { images: newer = [] } = await get({ imageTag: "1" }, [SCHEMA1, OCI_MANIFEST]);
    expect(newer[0]?.imageManifestMediaType).toBe(OCI_MANIFEST);
    await push(a, "oci");
    const { images: oci = [] } = await get({ imageTag: "oci" }, [SCHEMA1]);
    expect(oci[0]?.imageManifest).toBe(a.bytes.toString());
    const text = a.bytes
      .toString()
      .replaceAll(OCI_MANIFEST, DOCKER)
      .replaceAll(OCI_CONFIG, DOCKER_CONFIG)
      .replaceAll("vnd.oci.image.layer.v1.tar+gzip", "vnd.docker.image.rootfs.diff.tar.gzip");
    await world.ecr.send(new PutImageCommand({ repositoryName, imageManifest: text, imageTag: "bare" }));
    const { images: bare = [] } = await get({ imageTag: "bare" }, [SCHEMA1]);
    expect(bare[0]).toMatchObject({ imageManifest: text, imageManifestMediaType: DOCKER });
  });

  test("of Docker's schema 1 is known as its clients know it, and comes back as it was", async () => {
    await push(a);
    const imageManifest = JSON.stringify({
      schemaVersion: 1,
      name: repositoryName,
      tag: "old",
      architecture: "amd64",
      fsLayers: [{ blobSum: sha256(a.blobs[1] ?? Buffer.alloc(0)) }],
      history: [{ v1Compatibility: "{}" }],
    });
    await world.ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: "old" }));
    const { images = [] } = await get({ imageTag: "old" }, [OCI_MANIFEST]);
    expect(images[0]).toMatchObject({
      imageManifest,
      imageManifestMediaType: "application/vnd.docker.distribution.manifest.v1+json",
      imageId: { imageDigest: sha256(Buffer.from(imageManifest)) },
    });
  });
});
