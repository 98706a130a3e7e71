import { CreateRepositoryCommand, ListImageReferrersCommand } from "@aws-sdk/client-ecr";
import { attachArtifactToImage, getImageDigest, OCIError } from "@sigstore/oci";
import { anImage } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { beforeEach, describe, expect, test } from "vitest";
import { sdkRegistry } from "./support/sdk-registry.ts";

/** Sigstore's own client of registries, with which attestations of a build are put beside an image. */
const repositoryName = "team/app";
const image = anImage(["attested"]);
const world = sdkRegistry();

describe.each([false, true])("Sigstore's client, with strictEcr: %s", (strictEcr) => {
  beforeEach(async () => {
    await world.server.registry.reset();
    world.server.registry.setSwitches({ strictEcr });
    await world.ecr.send(new CreateRepositoryCommand({ repositoryName }));
    await clientOf(world.server).push(repositoryName, image, "1.0.0");
  });

  const imageName = () => `${new URL(world.server.url).host}/${repositoryName}`;
  async function credentials() {
    const token = (await clientOf(world.server).login()).slice("Basic ".length);
    const password = Buffer.from(token, "base64").toString().slice("AWS:".length);
    return { username: "AWS", password };
  }
  const attach = async (mediaType: string, artifact: string) =>
    attachArtifactToImage({
      imageName: imageName(),
      imageDigest: image.digest,
      credentials: await credentials(),
      artifact: Buffer.from(artifact),
      mediaType,
      annotations: { "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1" },
    });

  test("finds an image's digest by its tag", async () => {
    const asked = { imageName: imageName(), imageTag: "1.0.0", credentials: await credentials() };
    expect(await getImageDigest(asked)).toBe(image.digest);
  });

  test("attaches artifacts that ECR lists as referrers of the image, and leaves no tag behind", async () => {
    const bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const attached = [await attach(bundle, "{}"), await attach("application/spdx+json", "[]")];
    const { referrers = [] } = await world.ecr.send(
      new ListImageReferrersCommand({ repositoryName, subjectId: { imageDigest: image.digest } }),
    );
    const found = referrers.map(({ digest, artifactType }) => [digest, artifactType]);
    expect(new Map(found as [string, string][])).toEqual(
      new Map([
        [attached[0]?.digest, bundle],
        [attached[1]?.digest, "application/spdx+json"],
      ]),
    );
    const tags = await clientOf(world.server).v2({ method: "GET", path: `/v2/${repositoryName}/tags/list` });
    expect(JSON.parse(tags.text).tags).toEqual(["1.0.0"]);
  });

  test("is refused with a wrong password", async () => {
    const wrong = { username: "AWS", password: "wrong" };
    const asked = { imageName: imageName(), imageTag: "1.0.0", credentials: wrong };
    await expect(getImageDigest(asked)).rejects.toBeInstanceOf(OCIError);
  });
});
