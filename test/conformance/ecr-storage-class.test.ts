import {
  BatchCheckLayerAvailabilityCommand,
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  ImageNotFoundException,
  ImageTagAlreadyExistsException,
  ListImageReferrersCommand,
  PutImageCommand,
} from "@aws-sdk/client-ecr";
import { anImage, OCI_MANIFEST, sha256 } from "@tallyman/registry/testing/image-builder";
import { describe, expect, test } from "vitest";
import { a, archive, b, DAY, RESTORE, repositoryName, start } from "./support/archive.ts";

/** The archive as the AWS SDK knows it; where AWS documents nothing, with both settings. */
const layer = sha256(a.blobs[1] ?? Buffer.alloc(0));
const { world, push, move, pass, detail, statusOf, listed, pulled } = archive();

async function availability() {
  const { layers } = await world.ecr.send(
    new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests: [layer] }),
  );
  return layers?.[0]?.layerAvailability;
}
/** The storage classes that events told of since the last look. */
function told(): unknown[] {
  return world.server.events.splice(0).flatMap(({ detail: it }) => it["target-storage-class"] ?? []);
}
async function failure() {
  const imageIds = [{ imageTag: "1" }];
  const { failures } = await world.ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }));
  return failures?.[0]?.failureCode;
}

describe("an archived image", () => {
  test("is hidden unless it is asked for, keeps its tag, and cannot be pulled", async () => {
    expect(await move(a, "ARCHIVE")).toBe("ARCHIVED");
    expect([await listed(), await listed("ACTIVE"), await listed("ACTIVATING")]).toEqual([0, 0, 0]);
    expect([await listed("ARCHIVED"), await listed("ANY")]).toEqual([1, 1]);
    expect(await detail()).toMatchObject({
      imageStatus: "ARCHIVED",
      imageTags: ["1"],
      lastArchivedAt: start,
    });
    expect((await detail())?.lastActivatedAt).toBeUndefined();
    expect(await pulled()).toBe(404);
    expect(await availability()).toBe("ARCHIVED");
    expect(told()).toEqual(["ARCHIVE"]);
  });

  test("keeps the layers available that an active image has too", async () => {
    await push(anImage(["a", "more"]), "2");
    await move(a, "ARCHIVE");
    expect(await availability()).toBe("AVAILABLE");
  });

  test.each(["ImageInaccessible", "ImageNotFound"] as const)(
    "fails in BatchGetImage as %s, and that is no pull",
    async (archivedImageFailure) => {
      world.server.registry.setSwitches({ archivedImageFailure });
      await move(a, "ARCHIVE");
      expect(await failure()).toBe(archivedImageFailure);
      expect((await detail())?.lastRecordedPullTime).toBeUndefined();
    },
  );

  test("can be archived again, which changes nothing, and deleted", async () => {
    await move(a, "ARCHIVE");
    pass(DAY);
    expect(await move(a, "ARCHIVE")).toBe("ARCHIVED");
    expect((await detail())?.lastArchivedAt).toEqual(start);
    expect(told()).toEqual(["ARCHIVE"]);
    await world.ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: "1" }] }));
    expect(await listed("ANY")).toBe(0);
    await expect(move(a, "STANDARD")).rejects.toBeInstanceOf(ImageNotFoundException);
  });

  test.each(["moves", "kept"] as const)("has a tag that %s when another image wants it", async (choice) => {
    world.server.registry.setSwitches({ tagOfArchivedImage: choice });
    await push(b);
    await move(a, "ARCHIVE");
    const wanted = world.ecr.send(
      new PutImageCommand({ repositoryName, imageManifest: b.bytes.toString(), imageTag: "1" }),
    );
    if (choice === "kept") await expect(wanted).rejects.toBeInstanceOf(ImageTagAlreadyExistsException);
    else await wanted;
    expect((await detail())?.imageTags).toEqual(choice === "kept" ? ["1"] : undefined);
    expect(await statusOf(a)).toBe("ARCHIVED");
  });

  test("is not among the referrers of its subject unless it is asked for", async () => {
    const subject = { mediaType: OCI_MANIFEST, digest: a.digest, size: a.bytes.byteLength };
    const note = anImage(["note"], { subject });
    await push(note);
    await move(note, "ARCHIVE");
    const subjectId = { imageDigest: a.digest };
    const referrers = async (artifactStatus: "ACTIVE" | "ARCHIVED" | "ANY") => {
      const filter = { artifactStatus };
      const answer = await world.ecr.send(
        new ListImageReferrersCommand({ repositoryName, subjectId, filter }),
      );
      return answer.referrers?.length;
    };
    expect([await referrers("ACTIVE"), await referrers("ARCHIVED"), await referrers("ANY")]).toEqual([
      0, 1, 1,
    ]);
    expect(world.server.events.map(({ detailType }) => detailType)).toContain("ECR Referrer Action");
  });

  test("is active at once when it is pushed again, also while it is being restored", async () => {
    for (const restoring of [false, true]) {
      await move(a, "ARCHIVE");
      if (restoring) await move(a, "STANDARD");
      pass(1000);
      expect((await push(a, "1")).status).toBe(201);
      expect(await detail()).toMatchObject({
        imageStatus: "ACTIVE",
        lastActivatedAt: world.server.clock.now,
      });
      world.server.events.length = 0;
      pass(RESTORE);
      expect(await pulled()).toBe(200);
      expect(told()).toEqual([]);
    }
  });
});
