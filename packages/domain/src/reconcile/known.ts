import type { TagDeps } from "../inventory/record-tag.ts";
import type { ImageRecord, TagPointer, ViolationRecord } from "../inventory/records.ts";
import type { RepositoryRef } from "../registry/repository.ts";

/** What the inventory held of a repository before its registry was read: the fences of everything a sweep writes. */
export type Known = {
  readonly images: ReadonlyMap<string, ImageRecord>;
  readonly pointers: ReadonlyMap<string, TagPointer>;
  /** Open violations by tag. */
  readonly violations: ReadonlyMap<string, readonly ViolationRecord[]>;
};

export async function readKnown(deps: TagDeps, repository: RepositoryRef): Promise<Known> {
  const images = new Map<string, ImageRecord>();
  for await (const image of deps.images.listImages(repository)) images.set(image.digest, image);
  const pointers = new Map<string, TagPointer>();
  for await (const pointer of deps.tags.listTags(repository)) pointers.set(pointer.tag, pointer);
  const violations = new Map<string, ViolationRecord[]>();
  for await (const violation of deps.violations.listOpenViolations(repository)) {
    violations.set(violation.tag, [...(violations.get(violation.tag) ?? []), violation]);
  }
  return { images, pointers, violations };
}
