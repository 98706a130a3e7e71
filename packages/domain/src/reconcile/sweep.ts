import type { RecordedImage } from "../inventory/record-digest.ts";
import type { RecordedTag, TagDeps } from "../inventory/record-tag.ts";
import type { TaggingRule } from "../policy/policy.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { type DifferenceTally, tally } from "./differences.ts";
import type { Known } from "./known.ts";

/** What the sweeps of one repository have found so far. */
export type Findings = {
  readonly differences: DifferenceTally;
  /** Images and tags that changed, and tags with open violations: what people may have to be told. By digest, by tag. */
  readonly images: Map<string, RecordedImage>;
  readonly tags: Map<string, RecordedTag>;
};

/** One sweep of one repository: what it compares. */
export type Sweep = Findings & {
  readonly deps: TagDeps;
  readonly repository: RepositoryRef;
  readonly rules: readonly TaggingRule[];
  readonly known: Known;
  /** For how many days what has ended is kept (the policy's `inventory.keepDays`). */
  readonly keepDays: number;
  /** Why what it finds began. */
  readonly cause: "reconcile" | "repository-delete";
  readonly now: Date;
};

export function newFindings(): Findings {
  return { differences: tally(), images: new Map(), tags: new Map() };
}
