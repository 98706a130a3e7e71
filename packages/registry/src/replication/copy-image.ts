import type { Registry } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { Change, Core } from "../core/core.ts";
import { EcrError } from "../core/errors.ts";
import { requireRoom } from "../core/image-content.ts";
import { isTagImmutable } from "../core/tag-mutability.ts";
import { replicated } from "../events/replication-action.ts";
import { childrenOf, findImage, findManifest, insertImage, setActive } from "../storage/images.ts";
import { findLayer, insertLayer, layersOf } from "../storage/layers.ts";
import { findRepository, type Repository } from "../storage/repositories.ts";
import { findTag, moveTag } from "../storage/tags.ts";
import { createReplicatedRepository } from "./creation-template.ts";
import { isReplicationGranted, type ReplicationAction } from "./replication-grant.ts";

export type CopyRequest = {
  readonly source: Repository;
  readonly destination: Registry;
  readonly digest: string;
  /** `""` for none. */
  readonly tag: string;
};

/** ECR's own failure codes are not published; these say what is wrong. */
type FailureCode =
  | "AccessDenied"
  | "RepositoryNotFound"
  | "ImageNotFound"
  | "ImageArchived"
  | "LimitExceeded";

export type CopyOutcome =
  | { readonly failureCode: FailureCode }
  | { readonly failureCode: null; readonly createdRepository: boolean };

/**
 * Copies one image with its layers (and an index with its children) to another registry and points the tag to it.
 * Blobs first, then everything else in one transaction: the destination shows the whole image or nothing. Doing it
 * twice changes nothing but emits the event twice, as at-least-once delivery may.
 */
export async function copyImage(core: Core, request: CopyRequest): Promise<CopyOutcome> {
  const { source, destination } = request;
  const target: RepositoryRef = { ...destination, repository: source.name };
  const may = (action: ReplicationAction) => isReplicationGranted(core.sql, { action, source, target });
  if (!may("ecr:ReplicateImage")) return { failureCode: "AccessDenied" };
  const missing = findRepository(core.sql, target) === undefined;
  if (missing && !may("ecr:CreateRepository")) return { failureCode: "RepositoryNotFound" };

  const digests = withDescendants(core, source, request.digest);
  const blobs = digests.flatMap((each) => layersOf(core.sql, source.id, each).map((layer) => layer.digest));
  return core.blobs.hold(destination, blobs, async () => {
    for (const blob of blobs) await core.blobs.replicate(blob, source, destination);
    return placeWithin(core, { ...request, target, digests });
  });
}

/** Children before their index. */
function withDescendants(core: Core, source: Repository, digest: string): readonly string[] {
  const children = childrenOf(core.sql, source.id, digest);
  return [...new Set([...children.flatMap((child) => withDescendants(core, source, child)), digest])];
}

type Placement = CopyRequest & { readonly target: RepositoryRef; readonly digests: readonly string[] };

/** The whole image, or nothing of it where the destination has no room left. */
function placeWithin(core: Core, placement: Placement): CopyOutcome {
  try {
    return core.change((change) => place(change, placement));
  } catch (error) {
    if (error instanceof EcrError && error.code === "LimitExceededException")
      return { failureCode: "LimitExceeded" };
    throw error;
  }
}

function place(change: Change, placement: Placement): CopyOutcome {
  const { source, target, digest, tag } = placement;
  const { sql, now } = change;
  const images = placement.digests.map((each) => findImage(sql, source.id, each));
  if (findImage(sql, source.id, digest) === undefined) return { failureCode: "ImageNotFound" };
  // Archived since it was pushed, or an index with an archived child: what cannot be pulled is not replicated.
  if (images.some((image) => image?.status !== "ACTIVE")) return { failureCode: "ImageArchived" };
  const existing = findRepository(sql, target);
  const repository = existing ?? createReplicatedRepository(change, target);
  for (const each of placement.digests) placeImage(change, { source, repository, digest: each });
  const arrivedTag = placeTag(change, repository, { tag, digest });
  const { account, region } = target;
  change.emit(
    replicated({
      repository: repository.name,
      digest,
      tag: arrivedTag,
      source: { account: source.account, region: source.region },
      destination: { account, region },
      time: now,
    }),
  );
  return { failureCode: null, createdRepository: existing === undefined };
}

function placeImage(
  change: Change,
  copy: { source: Repository; repository: Repository; digest: string },
): void {
  const { sql, now } = change;
  const { source, repository, digest } = copy;
  const there = findImage(sql, repository.id, digest);
  if (there !== undefined && there.status !== "ACTIVE") setActive(sql, repository.id, digest, now.getTime());
  const image = findImage(sql, source.id, digest);
  const manifest = findManifest(sql, source.id, digest);
  if (there !== undefined || image === undefined || manifest === undefined) return;
  requireRoom(change, repository);
  const layers = layersOf(sql, source.id, digest);
  for (const layer of layers) {
    if (findLayer(sql, repository.id, layer.digest) === undefined) {
      insertLayer(sql, repository.id, { ...layer, uploadedAt: now.getTime() });
    }
  }
  insertImage(sql, repository.id, {
    ...image,
    manifest,
    pushedAt: now.getTime(),
    layers: layers.map((layer) => layer.digest),
    children: childrenOf(sql, source.id, digest),
  });
}

/** A tag that is fixed at the destination stays where it is, and the image arrives without it. */
function placeTag(
  { sql, switches }: Change,
  repository: Repository,
  wanted: { tag: string; digest: string },
): string {
  if (wanted.tag === "") return "";
  const current = findTag(sql, repository.id, wanted.tag);
  const fixed =
    current !== undefined &&
    current !== wanted.digest &&
    isTagImmutable(repository.settings, wanted.tag, switches.exclusionFilterMatch);
  if (fixed) return "";
  moveTag(sql, repository.id, wanted);
  return wanted.tag;
}
