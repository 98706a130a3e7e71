import {
  CreateRepositoryCommand,
  type ECRClient,
  type ImageReferrer,
  ListImageReferrersCommand,
  type ListImageReferrersFilter,
  RepositoryNotFoundException,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import { anImage, type BuiltManifest } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { beforeEach, describe, expect, test } from "vitest";
import { withRegistry } from "./ecr-client.ts";

const registry = withRegistry();
const repositoryName = "team/app";
const subject = anImage(["subject"]);
let ecr: ECRClient;

beforeEach(async () => {
  ecr = registry.client();
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  await clientOf(registry.server).push(repositoryName, subject, "1");
});

function aReferrer(name: string, artifactType: string): BuiltManifest {
  const { mediaType, digest, bytes } = subject;
  const annotations = { name };
  return anImage([name], {
    artifactType,
    annotations,
    subject: { mediaType, digest, size: bytes.byteLength },
  });
}
async function push(name: string, artifactType: string): Promise<BuiltManifest> {
  const referrer = aReferrer(name, artifactType);
  expect((await clientOf(registry.server).push(repositoryName, referrer)).status).toBe(201);
  return referrer;
}
const list = (more: object = {}) =>
  ecr.send(
    new ListImageReferrersCommand({ repositoryName, subjectId: { imageDigest: subject.digest }, ...more }),
  );

describe("the referrers of an image", () => {
  test("are listed with type, size and annotations", async () => {
    const signature = await push("signature", "application/vnd.example.signature");
    expect((await list()).referrers).toEqual([
      {
        digest: signature.digest,
        mediaType: signature.mediaType,
        artifactType: "application/vnd.example.signature",
        size: signature.bytes.byteLength,
        annotations: { name: "signature" },
        artifactStatus: "ACTIVE",
      },
    ]);
  });

  test("are filtered by type and by status: only active ones unless asked for others", async () => {
    const sbom = await push("sbom", "application/sbom");
    const signature = await push("signature", "application/signature");
    await ecr.send(
      new UpdateImageStorageClassCommand({
        repositoryName,
        imageId: { imageDigest: signature.digest },
        targetStorageClass: "ARCHIVE",
      }),
    );
    const digests = async (filter?: ListImageReferrersFilter) =>
      (await list({ filter })).referrers?.map(({ digest }) => digest).toSorted();
    expect(await digests()).toEqual([sbom.digest]);
    expect(await digests({ artifactStatus: "ARCHIVED" })).toEqual([signature.digest]);
    expect(await digests({ artifactStatus: "ANY" })).toEqual([sbom.digest, signature.digest].toSorted());
    expect(await digests({ artifactTypes: ["application/sbom", "application/other"] })).toEqual([
      sbom.digest,
    ]);
    expect(await digests({ artifactTypes: ["application/signature"] })).toEqual([]);
  });

  test("come twenty at a time unless asked for more, at most fifty", async () => {
    for (let n = 0; n < 23; n++) await push(`sbom ${n}`, "application/sbom");
    const referrers: ImageReferrer[] = [];
    const sizes: number[] = [];
    let nextToken: string | undefined;
    do {
      const page = await list({ nextToken });
      referrers.push(...(page.referrers ?? []));
      sizes.push(page.referrers?.length ?? 0);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect([sizes, new Set(referrers.map(({ digest }) => digest)).size]).toEqual([[20, 3], 23]);
    expect((await list({ maxResults: 50 })).referrers).toHaveLength(23);
    await expect(list({ maxResults: 51 })).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  test("are none where the subject is not there, in a repository that is", async () => {
    const imageDigest = `sha256:${"0".repeat(64)}`;
    expect((await list({ subjectId: { imageDigest } })).referrers).toEqual([]);
    await expect(list({ repositoryName: "absent" })).rejects.toBeInstanceOf(RepositoryNotFoundException);
  });
});
