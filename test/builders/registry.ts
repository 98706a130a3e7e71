import type { Image } from "@tallyman/domain/image/image";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { aDigest } from "./digest.ts";

export const HUB: Registry = { account: "111122223333", region: "us-east-1" };

/** `aRepository("prod/web")`, `aRepository("prod/web", { region: "us-west-2" })` */
export function aRepository(repository = "prod/web", registry: Partial<Registry> = {}): RepositoryRef {
  return { ...HUB, ...registry, repository };
}

/** An image as DescribeImages reports it. */
export function anImage(overrides: Partial<Image> = {}): Image {
  return {
    digest: aDigest("image"),
    tags: [],
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    artifactMediaType: "application/vnd.oci.image.config.v1+json",
    size: 1_048_576,
    pushedAt: "2026-11-16T01:54:34.000Z",
    status: "ACTIVE",
    ...overrides,
  };
}
