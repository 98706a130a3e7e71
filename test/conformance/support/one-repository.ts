import {
  CreateRepositoryCommand,
  type ImageTagMutability,
  PutImageCommand,
  type PutImageCommandInput,
} from "@aws-sdk/client-ecr";
import type { BuiltManifest } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { beforeEach } from "vitest";
import { sdkRegistry } from "./sdk-registry.ts";

export const repositoryName = "team/app";

/** An empty registry before each test, and what tests of images do to its one repository, through the AWS SDK. */
export function oneRepository() {
  const world = sdkRegistry();
  beforeEach(() => world.server.registry.reset());

  /** `filter`: the one exclusion filter of the two modes that have some. */
  async function create(imageTagMutability: ImageTagMutability = "MUTABLE", filter?: string): Promise<void> {
    const imageTagMutabilityExclusionFilters =
      filter === undefined ? undefined : [{ filterType: "WILDCARD" as const, filter }];
    await world.ecr.send(
      new CreateRepositoryCommand({ repositoryName, imageTagMutability, imageTagMutabilityExclusionFilters }),
    );
  }
  const push = (image: BuiltManifest, tag?: string) =>
    clientOf(world.server).push(repositoryName, image, tag);
  function put(image: BuiltManifest, more: Partial<PutImageCommandInput> = {}) {
    const imageManifest = image.bytes.toString();
    return world.ecr.send(new PutImageCommand({ repositoryName, imageManifest, ...more }));
  }
  return { world, create, push, put };
}
