import type { Registry } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { Image, Manifest } from "./image.ts";

/**
 * Reads one fleet of registries: the truth that events only hint at. Every method reads with the reader role of the
 * registry's account. All throw a `RegistryUnavailableError` (with `cause`) when the registry cannot be asked; none
 * turns a failure into an empty answer.
 */
export type RegistryReader = {
  /** Every repository of a registry. */
  listRepositories(registry: Registry): AsyncIterable<string>;
  /** Every image of a repository, archived ones included; throws RepositoryNotFoundError. */
  listImages(repository: RepositoryRef): AsyncIterable<Image>;
  /**
   * The image with this digest, or the image this tag points to; `undefined`: the registry says it is not there,
   * also when it says that the whole repository is not there.
   */
  findImage(
    repository: RepositoryRef,
    reference: { readonly digest: string } | { readonly tag: string },
  ): Promise<Image | undefined>;
};

/** Reads manifests without counting as a pull (design: only through the excluded role). */
export type ManifestReader = {
  /**
   * The manifest of a digest, or why it may not be read: `exclusion-missing` when the registry would count the read as
   * a pull, `not-found` when the image is gone, `inaccessible` when it is archived.
   */
  readManifest(
    repository: RepositoryRef,
    digest: string,
  ): Promise<Manifest | { readonly unread: "exclusion-missing" | "not-found" | "inaccessible" }>;
};

/** Reads how a registry replicates. */
export type ReplicationReader = {
  /** The registry's own replication rules (DescribeRegistry). */
  replicationRules(registry: Registry): Promise<readonly ReplicationRule[]>;
  /** What the source says of each destination (DescribeImageReplicationStatus). */
  replicationStatus(repository: RepositoryRef, digest: string): Promise<readonly ReplicationStatus[]>;
};

export type ReplicationRule = {
  readonly destinations: readonly Registry[];
  /** PREFIX_MATCH filters; empty: every repository. */
  readonly prefixes: readonly string[];
};

export type ReplicationStatus = Registry & {
  readonly status: "IN_PROGRESS" | "COMPLETE" | "FAILED";
  readonly failureCode?: string;
};
