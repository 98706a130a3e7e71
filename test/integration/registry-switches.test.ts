import {
  DeleteRepositoryCommand,
  PutLifecyclePolicyCommand,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { inventory, registryTruth } from "../chaos/support/oracle.ts";
import { advance, metric, reconcile, settle } from "../chaos/support/settle.ts";
import { Embedded } from "../support/embedded.ts";
import { createRepository, deleteImage, EAST, EUROPE, replicate, withEcr } from "../support/registries.ts";
import { OCI_MANIFEST, type PushedManifest, RegistryClient } from "../support/registry-client.ts";

// Where AWS documents nothing about ECR, the product must be right whichever way it is: at once where it hears of what
// happened, and after one reconcile in any case.

/** More than a restore takes. */
const RESTORE_SECONDS = 11;
type Switches = Readonly<Record<string, boolean | string>>;

describe("whatever a registry does or does not tell", () => {
  let product: Embedded;
  let client: RegistryClient;
  let repositories = 0;

  beforeAll(async () => {
    product = await Embedded.start();
    await replicate(product.url, { source: EAST, destination: EUROPE, prefix: "flow/" });
    client = await RegistryClient.login(product.url, EAST);
  });
  afterEach(async () => {
    await product.control("POST", "switches", await defaults());
    expect((await product.control("GET", "denials"))["denials"]).toEqual([]);
  });
  afterAll(() => product?.dispose());

  let opened: Record<string, unknown> | undefined;
  async function defaults(): Promise<Record<string, unknown>> {
    opened ??= await product.control("GET", "switches");
    return opened;
  }
  async function begin(switches: Switches): Promise<string> {
    await defaults();
    await product.control("POST", "switches", switches);
    const repository = `flow/number-${++repositories}`;
    await createRepository(product.url, EAST, repository);
    return repository;
  }
  async function end(heard: boolean): Promise<void> {
    await settle(product);
    const truth = await registryTruth(product);
    if (heard) expect(await inventory(product)).toEqual(truth);
    else expect(await inventory(product)).not.toEqual(truth);
    await reconcile(product);
    expect(await inventory(product)).toEqual(truth);
    const found = await metric(product, "DifferencesFound");
    await reconcile(product);
    expect(await metric(product, "DifferencesFound")).toBe(found);
  }
  const move = (repositoryName: string, imageTag: string, targetStorageClass: "ARCHIVE" | "STANDARD") =>
    withEcr(product.url, EAST, (ecr) =>
      ecr.send(
        new UpdateImageStorageClassCommand({ repositoryName, imageId: { imageTag }, targetStorageClass }),
      ),
    );
  const remove = (repositoryName: string, imageId: { imageTag: string } | { imageDigest: string }) =>
    deleteImage(product.url, EAST, { repositoryName, imageIds: [imageId] });

  /** Everything that people and pipelines do to images. */
  async function everything(repository: string): Promise<void> {
    const push = (tag: string | undefined, seed: string) =>
      client.pushImage(repository, tag, `${seed} of ${repository}`);
    const first = await push("1.0.0", "first");
    await push("1.0.1", "first");
    await push("1.0.1", "second");
    await push("1.0.1", "second");
    const children = [await push(undefined, "amd64"), await push(undefined, "arm64")];
    await client.pushIndex(repository, "2.0.0", children);
    await pushReferrer(repository, first);
    for (const tag of ["3.0.0", "3.0.1", "3.0.2"]) {
      await push(tag, tag);
      await move(repository, tag, "ARCHIVE");
    }
    await push("3.0.1", "3.0.1");
    await move(repository, "3.0.2", "STANDARD");
    const twice = await push("4.0.0", "twice");
    await push("4.0.1", "twice");
    await push("5.0.0", "untagged later");
    await push("5.0.1", "untagged later");
    await push("6.0.0", "tagged later");
    await settle(product); // What is not told of from here on is not read by the way either.
    await advance(product, RESTORE_SECONDS);
    await remove(repository, { imageDigest: twice.digest });
    await remove(repository, { imageTag: "5.0.1" });
    await push("6.0.1", "tagged later");
  }
  async function pushReferrer(repository: string, { mediaType, digest, size }: PushedManifest) {
    const blob = Buffer.from("{}");
    const config = { mediaType: "application/vnd.oci.empty.v1+json", digest: "", size: blob.byteLength };
    config.digest = await client.pushBlob(repository, blob);
    await client.pushManifest(repository, undefined, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: "application/vnd.example.signature",
      config,
      layers: [config],
      subject: { mediaType, digest, size },
    });
  }

  test.each<[Switches, heard: boolean]>([
    [{ repushEvents: true, reactivationEvents: true, referrerEvents: "both" }, true],
    [{ deleteEventsPer: "image", referrerEvents: "image", archivedImageFailure: "ImageNotFound" }, true],
    [{ retagEvents: false }, false],
    [{ untagEvents: false, untaggedPushEvents: false }, false],
    [
      {
        repushEvents: true,
        retagEvents: false,
        untagEvents: false,
        deleteEventsPer: "image",
        untaggedPushEvents: false,
        referrerEvents: "image",
        reactivationEvents: true,
        archivedImageFailure: "ImageNotFound",
        artifactMediaType: "artifactType",
        archiveChildrenWithIndex: true,
      },
      false,
    ],
  ])("with %j the inventory is right at once (%s), and after one reconcile", async (switches, heard) => {
    await everything(await begin(switches));
    await end(heard);
  });

  test.each([false, true])(
    "an image that a lifecycle policy expired is gone from the inventory, told of or not (expiryEvents %s)",
    async (expiryEvents) => {
      const repository = await begin({ expiryEvents });
      for (const tag of ["1.0.0", "1.0.1"])
        await client.pushImage(repository, tag, `${tag} of ${repository}`);
      await settle(product);
      const selection = { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 1 };
      const rules = [{ rulePriority: 1, selection, action: { type: "expire" } }];
      const lifecyclePolicyText = JSON.stringify({ rules });
      await withEcr(product.url, EAST, (ecr) =>
        ecr.send(new PutLifecyclePolicyCommand({ repositoryName: repository, lifecyclePolicyText })),
      );
      await product.control("POST", "lifecycle");
      await end(expiryEvents);
    },
  );

  test.each([false, true])(
    "a repository that was deleted has no images left, told of or not (repositoryDeleteEvents %s)",
    async (repositoryDeleteEvents) => {
      const repository = await begin({ repositoryDeleteEvents });
      await client.pushImage(repository, "1.0.0", `gone with ${repository}`);
      await settle(product);
      await withEcr(product.url, EAST, (ecr) =>
        ecr.send(new DeleteRepositoryCommand({ repositoryName: repository, force: true })),
      );
      await settle(product);
      const states = async () =>
        (await product.api.list("/images", { ...EAST, repository })).map((image) => image["state"]);
      expect(await states()).toEqual([repositoryDeleteEvents ? "closed" : "open"]);
      await reconcile(product);
      expect(await states()).toEqual(["closed"]);
    },
  );
});
