import {
  BatchGetImageCommand,
  DescribeImageReplicationStatusCommand,
  ImageStorageClassUpdateNotSupportedException,
  PutReplicationConfigurationCommand,
} from "@aws-sdk/client-ecr";
import { describe, expect, test } from "vitest";
import { a, archive, b, DAY, RESTORE, repositoryName, start } from "./support/archive.ts";

/** Restores from the archive as the AWS SDK knows it; where AWS documents nothing, with both settings. */
const { world, push, move, pass, detail, statusOf, listed, pulled } = archive();

/** The storage classes that events told of since the last look. */
function told(): unknown[] {
  return world.server.events.splice(0).flatMap(({ detail: it }) => it["target-storage-class"] ?? []);
}
async function failure() {
  const imageIds = [{ imageTag: "1" }];
  const { failures } = await world.ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }));
  return failures?.[0]?.failureCode;
}

describe("a restore", () => {
  test("takes its time: until then the image stays hidden, and only then it is told of", async () => {
    await move(a, "ARCHIVE");
    told();
    expect(await move(a, "STANDARD")).toBe("ACTIVATING");
    pass(RESTORE - 1);
    expect([await listed(), await listed("ARCHIVED"), await listed("ACTIVATING")]).toEqual([0, 0, 1]);
    expect(await pulled()).toBe(404);
    expect(await failure()).toBe("ImageInaccessible");
    expect(await move(a, "STANDARD")).toBe("ACTIVATING");
    expect(told()).toEqual([]);
    pass(1);
    expect(await pulled()).toBe(200);
    expect(told()).toEqual(["STANDARD"]);
    expect(await detail()).toMatchObject({
      imageStatus: "ACTIVE",
      imagePushedAt: start,
      lastArchivedAt: start,
      lastActivatedAt: new Date(start.getTime() + RESTORE),
    });
  });

  test("is told of by both of its events, as AWS shows them", async () => {
    await move(a, "ARCHIVE");
    await move(a, "STANDARD");
    world.server.events.length = 0;
    pass(RESTORE);
    expect(world.server.registry.completeRestores()).toBeUndefined();
    expect(world.server.events).toMatchObject([
      {
        detailType: "ECR Image Action",
        detail: {
          "action-type": "UPDATE_STORAGE_CLASS",
          "target-storage-class": "STANDARD",
          "last-activated-at": world.server.clock.now.toISOString(),
        },
      },
      { detailType: "AWS Service Event via CloudTrail", detail: { eventName: "ImageActivationEvent" } },
    ]);
  });

  test("goes on when the registry is opened again", async () => {
    await move(a, "ARCHIVE");
    await move(a, "STANDARD");
    await world.server.restart();
    expect(await statusOf(a)).toBe("ACTIVATING");
    pass(RESTORE);
    expect(await statusOf(a)).toBe("ACTIVE");
  });

  test("that began in what is now the future is over", async () => {
    await move(a, "ARCHIVE");
    await move(a, "STANDARD");
    pass(-30 * DAY);
    expect(await statusOf(a)).toBe("ACTIVE");
  });

  test("of one image does not end that of another", async () => {
    await push(b, "2");
    for (const image of [a, b]) await move(image, "ARCHIVE");
    await move(a, "STANDARD");
    pass(RESTORE / 2);
    await move(b, "STANDARD");
    pass(RESTORE / 2);
    expect([await statusOf(a), await statusOf(b)]).toEqual(["ACTIVE", "ACTIVATING"]);
    expect(world.server.registry.completeRestores()).toEqual(new Date(start.getTime() + RESTORE * 1.5));
    pass(RESTORE / 2);
    expect(await statusOf(b)).toBe("ACTIVE");
  });

  test("makes the image as good as pushed: it is replicated", async () => {
    await move(a, "ARCHIVE");
    const destinations = [{ region: "us-west-2", registryId: "111122223333" }];
    const replicationConfiguration = { rules: [{ destinations }] };
    await world.ecr.send(new PutReplicationConfigurationCommand({ replicationConfiguration }));
    await move(a, "STANDARD");
    pass(RESTORE);
    world.server.registry.completeRestores();
    await world.server.registry.idle();
    const { replicationStatuses } = await world.ecr.send(
      new DescribeImageReplicationStatusCommand({ repositoryName, imageId: { imageTag: "1" } }),
    );
    expect(replicationStatuses).toMatchObject([{ region: "us-west-2", status: "COMPLETE" }]);
  });

  test.each([false, true])("can be ended by archiving the image: %s", async (archiveActivatingImages) => {
    world.server.registry.setSwitches({ archiveActivatingImages });
    await move(a, "ARCHIVE");
    await move(a, "STANDARD");
    const again = move(a, "ARCHIVE");
    if (archiveActivatingImages) expect(await again).toBe("ARCHIVED");
    else await expect(again).rejects.toBeInstanceOf(ImageStorageClassUpdateNotSupportedException);
    pass(RESTORE);
    expect(await statusOf(a)).toBe(archiveActivatingImages ? "ARCHIVED" : "ACTIVE");
  });
});
