import type { RepositoryRef } from "../registry/repository.ts";

/**
 * Why it is not known what runs of a repository. `no-source`: nobody tells what runs in a consumer's account.
 * `never-reported`, `stale`, `failed`, `suspect`: of one source and scope. `consumers-unknown`: it was not read lately who may
 * pull. `anyone`: everyone may.
 */
export const DOUBTS = [
  "no-source",
  "never-reported",
  "stale",
  "failed",
  "suspect",
  "consumers-unknown",
  "anyone",
] as const;
export type DoubtReason = (typeof DOUBTS)[number];

/** One reason why nothing of a repository may be called unused, and what would end it. */
export type Doubt = {
  readonly repository: RepositoryRef;
  /** The account of which it is not known; absent: whose it would be is what is not known. */
  readonly consumer?: string;
  readonly source?: string;
  readonly scope?: string;
  readonly why: DoubtReason;
  /** ISO 8601: since when. */
  readonly since?: string;
  /** In one sentence, with what it is about. */
  readonly reason: string;
  readonly remedy: string;
};
