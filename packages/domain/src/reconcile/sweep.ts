import type { RecordedImage } from "../inventory/record-digest.ts";
import type { RecordedTag, TagDeps } from "../inventory/record-tag.ts";
import type { TaggingRule } from "../policy/policy.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { DifferenceTally } from "./differences.ts";
import type { Known } from "./known.ts";

/** One sweep of one repository under way: what it compares, and what it has found so far. */
export type Sweep = {
  readonly deps: TagDeps;
  readonly repository: RepositoryRef;
  readonly rules: readonly TaggingRule[];
  readonly known: Known;
  readonly now: Date;
  readonly differences: DifferenceTally;
  /** Images and tags that changed, and tags with open violations: what people may have to be told. */
  readonly images: RecordedImage[];
  readonly tags: RecordedTag[];
};
