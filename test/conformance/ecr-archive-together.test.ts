import { ImageStorageClassUpdateNotSupportedException, PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import { anIndex } from "@tallyman/registry/testing/image-builder";
import { beforeEach, describe, expect, test } from "vitest";
import { a, archive, b, DAY, RESTORE, repositoryName } from "./support/archive.ts";

/** What goes into the archive with what, and by which rule; where AWS documents nothing, with both settings. */
const { world, push, move, pass, statusOf, listed } = archive();

describe("an index and its children", () => {
  const index = anIndex([a, b]);
  const other = anIndex([b]);
  beforeEach(async () => {
    await push(b);
    await push(index, "multi");
  });

  test("go in this order, unless children may go first", async () => {
    await expect(move(a, "ARCHIVE")).rejects.toBeInstanceOf(ImageStorageClassUpdateNotSupportedException);
    await move(index, "ARCHIVE");
    expect(await statusOf(a)).toBe("ACTIVE");
    expect(await move(a, "ARCHIVE")).toBe("ARCHIVED");
    world.server.registry.setSwitches({ archiveIndexedImages: true });
    await push(index, "multi");
    expect(await move(b, "ARCHIVE")).toBe("ARCHIVED");
  });

  test("go and come together where that is chosen, except for what another index has", async () => {
    world.server.registry.setSwitches({ archiveChildrenWithIndex: true });
    await push(other, "other");
    await move(index, "ARCHIVE");
    expect([await statusOf(a), await statusOf(b)]).toEqual(["ARCHIVED", "ACTIVE"]);
    await move(index, "STANDARD");
    expect(await statusOf(a)).toBe("ACTIVATING");
    pass(RESTORE);
    expect([await statusOf(a), await statusOf(index)]).toEqual(["ACTIVE", "ACTIVE"]);
  });
});

describe("lifecycle rules", () => {
  const archiveOld = {
    selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 30 },
    action: { type: "transition", targetStorageClass: "archive" },
  };
  const expireArchived = {
    selection: {
      tagStatus: "any",
      storageClass: "archive",
      countType: "sinceImageTransitioned",
      countUnit: "days",
      countNumber: 90,
    },
    action: { type: "expire" },
  };

  test("archive an image, count anew from its restore, and expire it after 90 days", async () => {
    const rules = [archiveOld, expireArchived].map((rule, at) => ({ rulePriority: at + 1, ...rule }));
    const lifecyclePolicyText = JSON.stringify({ rules });
    await world.ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
    const runAfter = async (days: number) => {
      pass(days * DAY);
      await world.server.registry.runLifecycle("all");
      return (await listed("ANY")) === 0 ? "gone" : await statusOf(a);
    };
    expect(await runAfter(31)).toBe("ARCHIVED");
    await move(a, "STANDARD");
    expect(await runAfter(1)).toBe("ACTIVE");
    expect(await runAfter(28)).toBe("ACTIVE");
    expect(await runAfter(3)).toBe("ARCHIVED");
    expect(await runAfter(89)).toBe("ARCHIVED");
    expect(await runAfter(2)).toBe("gone");
  });
});
