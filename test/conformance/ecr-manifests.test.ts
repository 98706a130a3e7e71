import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  ImageDigestDoesNotMatchException,
  type ImageIdentifier,
  InvalidParameterException,
  LayersNotFoundException,
  PutImageCommand,
  ReferencedImagesNotFoundException,
} from "@aws-sdk/client-ecr";
import {
  anImage,
  anIndex,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
  sha256,
} from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { beforeEach, describe, expect, test } from "vitest";
import { oneRepository, repositoryName } from "./support/one-repository.ts";

/** Manifests as the AWS SDK knows them; where AWS documents nothing, with both settings. */
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
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
