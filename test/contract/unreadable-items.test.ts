import { imageKey, tagKey } from "@tallyman/aws/dynamodb/layout";
import { UnreadableRecordError } from "@tallyman/domain/inventory/errors";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anImageRecord, aTagPointer } from "../builders/records.ts";
import { aRepository } from "../builders/registry.ts";
import { type Dynamo, startDynamo } from "./dynamo-table.ts";
import { all, dynamoInventory, type Inventory } from "./inventories.ts";

let dynamo: Dynamo;
let inventory: Inventory;
const image = anImageRecord();

beforeAll(async () => {
  dynamo = await startDynamo();
  inventory = dynamoInventory(await dynamo.newTable());
});
afterAll(() => dynamo.close());

test.each([
  ["of a newer version", { ...image, schemaVersion: 2 }],
  ["without a version", image],
  ["with a state that nobody knows", { ...image, schemaVersion: 1, state: "lost" }],
  ["without its digest", { ...image, schemaVersion: 1, digest: undefined }],
])("an item %s is an error, never a fact, and is not written over", async (_, item) => {
  const { digest, ...rest } = item;
  await dynamo.putRaw({ ...rest, ...(digest && { digest }), ...imageKey(image, image.digest) });
  await expect(inventory.images.findImage(image, image.digest)).rejects.toThrow(UnreadableRecordError);
  await expect(all(inventory.images.listImages(aRepository()))).rejects.toThrow(UnreadableRecordError);
  await expect(inventory.images.putImage(image)).rejects.toThrow("written by someone else");
});

test("attributes that a later version added are left out", async () => {
  const pointer = aTagPointer();
  await dynamo.putRaw({ ...pointer, ...tagKey(pointer, pointer.tag), schemaVersion: 1, colour: "green" });
  expect(await inventory.tags.findTag(pointer, pointer.tag)).toEqual(pointer);
});

test("an image that an earlier version wrote is read with what follows from it", async () => {
  const { since, cause, changedAt, ...earlier } = anImageRecord({ repository: "prod/early" });
  await dynamo.putRaw({ ...earlier, ...imageKey(earlier, earlier.digest), schemaVersion: 1 });
  const read = await inventory.images.findImage(earlier, earlier.digest);
  expect(read).toEqual({
    ...earlier,
    since: earlier.firstSeenAt,
    changedAt: earlier.firstSeenAt,
    cause: "event",
  });
});
