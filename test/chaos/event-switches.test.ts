import { UpdateImageStorageClassCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { deleteImage, EAST, withEcr } from "../support/registries.ts";
import { OCI_MANIFEST, RegistryClient } from "../support/registry-client.ts";
import { randomActivity } from "./support/activity.ts";
import { inventory, pointers, registryTruth, tagsOf } from "./support/oracle.ts";
import { randomOf } from "./support/random.ts";
import { metric, reconcile, settle } from "./support/settle.ts";

// What AWS leaves open about ECR's events must not matter: the inventory comes to the same end whichever of them are sent.
describe("whichever events ECR sends", () => {
  let product: Embedded;
  beforeAll(async () => {
    product = await Embedded.start();
  });
  afterAll(() => product?.dispose());
  beforeEach(() => product.control("POST", "reset"));

  async function activity(switches: object): Promise<void> {
    await product.control("POST", "switches", switches);
    await randomActivity(product, randomOf(7), 12);
    const client = await RegistryClient.login(product.url, EAST);
    const image = await client.pushImage("prod/web", "2.0.0", "archived and pushed again");
    await client.pushImage("prod/web", "2.0.1", "archived and pushed again");
    await client.pushImage("prod/web", "2.0.1", "archived and pushed again");
    const archive = { repositoryName: "prod/web", imageId: { imageDigest: image.digest } };
    await withEcr(product.url, EAST, (ecr) =>
      ecr.send(new UpdateImageStorageClassCommand({ ...archive, targetStorageClass: "ARCHIVE" })),
    );
    await client.pushImage("prod/web", "2.0.0", "archived and pushed again");
    const bytes = Buffer.from("{}");
    const config = { digest: await client.pushBlob("prod/web", bytes), size: bytes.length };
    await client.pushManifest("prod/web", undefined, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: "application/spdx+json", ...config },
      layers: [],
      subject: image,
    });
    await settle(product);
    for (const tag of ["2.1.0", "2.1.1"]) await client.pushImage("prod/web", tag, "loses a tag");
    for (const tag of ["2.1.2", "2.1.3"]) await client.pushImage("prod/web", tag, "goes with its tags");
    const { digest } = await client.pushImage("prod/web", "2.1.3", "goes with its tags");
    await settle(product);
    const imageIds = [{ imageTag: "2.1.0" }, { imageDigest: digest }];
    await deleteImage(product.url, EAST, { repositoryName: "prod/web", imageIds });
    await settle(product);
  }
  async function expectTruth(): Promise<void> {
    const truth = await registryTruth(product);
    expect(await inventory(product)).toEqual(truth);
    expect(await pointers(product)).toEqual(tagsOf(truth).filter((line) => !line.includes(" 2.")));
  }

  test.each([
    { repushEvents: true },
    { repositoryDeleteEvents: true },
    { reactivationEvents: true },
    { referrerEvents: "image" },
    { referrerEvents: "both" },
  ])("more or other ones need no reconcile: %j", async (switches) => {
    await activity(switches);
    await expectTruth();
    const found = await metric(product, "DifferencesFound");
    await reconcile(product);
    expect(await metric(product, "DifferencesFound")).toBe(found);
  });

  test.each([
    [{ untagEvents: false }, true],
    [{ untaggedPushEvents: false }, true],
    [{ retagEvents: false }, true],
    [{ deleteEventsPer: "image" }, false],
  ])("fewer ones need one reconcile at most: %j finds something: %s", async (switches, finds) => {
    const before = await metric(product, "DifferencesFound");
    await activity(switches);
    await reconcile(product);
    await expectTruth();
    const found = await metric(product, "DifferencesFound");
    expect(found > before).toBe(finds);
    await reconcile(product);
    expect(await metric(product, "DifferencesFound")).toBe(found);
  });
});
