import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  type ImageDetail,
  type ImageStatusFilter,
  ListImagesCommand,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import { anImage, type BuiltManifest } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { beforeEach, expect } from "vitest";
import { sdkRegistry } from "./sdk-registry.ts";

export const repositoryName = "team/app";
/** As long as ECR takes at most, in milliseconds. */
export const RESTORE = 20 * 60_000;
export const DAY = 24 * 60 * 60_000;
export const start = new Date("2026-11-21T10:00:00.000Z");
/** Before each test, `a` is there under the tag `1`. */
export const [a, b] = [anImage(["a"]), anImage(["bb"])];

/** One repository with one image, and what the archive's tests do to it and ask of it, through the AWS SDK. */
export function archive() {
  const world = sdkRegistry({ limits: { restoreDuration: RESTORE } });
  beforeEach(async () => {
    await world.server.registry.reset();
    world.server.clock.now = start;
    await world.ecr.send(new CreateRepositoryCommand({ repositoryName }));
    await push(a, "1");
    world.server.events.length = 0;
  });

  const push = (image: BuiltManifest, tag?: string) =>
    clientOf(world.server).push(repositoryName, image, tag);
  async function move(image: BuiltManifest, targetStorageClass: "ARCHIVE" | "STANDARD") {
    const imageId = { imageDigest: image.digest };
    const answer = await world.ecr.send(
      new UpdateImageStorageClassCommand({ repositoryName, imageId, targetStorageClass }),
    );
    expect(answer).toMatchObject({ registryId: "111122223333", repositoryName, imageId });
    return answer.imageStatus;
  }
  function pass(milliseconds: number): void {
    world.server.clock.now = new Date(world.server.clock.now.getTime() + milliseconds);
  }
  async function detail(imageDigest = a.digest): Promise<ImageDetail | undefined> {
    const { imageDetails } = await world.ecr.send(
      new DescribeImagesCommand({ repositoryName, imageIds: [{ imageDigest }] }),
    );
    return imageDetails?.[0];
  }
  const statusOf = async (image: BuiltManifest) => (await detail(image.digest))?.imageStatus;
  /** How many images both lists have. */
  async function listed(imageStatus?: ImageStatusFilter): Promise<number> {
    const filter = imageStatus && { filter: { imageStatus } };
    const { imageIds = [] } = await world.ecr.send(new ListImagesCommand({ repositoryName, ...filter }));
    const { imageDetails = [] } = await world.ecr.send(
      new DescribeImagesCommand({ repositoryName, ...filter }),
    );
    expect(imageDetails).toHaveLength(imageIds.length);
    return imageIds.length;
  }
  /** The status of a pull of the tag `1`. */
  async function pulled(): Promise<number> {
    const path = `/v2/${repositoryName}/manifests/1`;
    return (await clientOf(world.server).v2({ method: "GET", path })).status;
  }
  return { world, push, move, pass, detail, statusOf, listed, pulled };
}
