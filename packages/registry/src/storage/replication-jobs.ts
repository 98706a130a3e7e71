import type { Registry } from "@tallyman/domain/registry/registry";
import type { Sql } from "./database.ts";

/** Copy one image, under one tag or under none, to one other registry. */
export type ReplicationJob = Registry & {
  readonly sequence: number;
  readonly repositoryId: number;
  readonly digest: string;
  /** `""`: the image was pushed without a tag. */
  readonly tag: string;
  readonly status: "IN_PROGRESS" | "COMPLETE" | "FAILED";
  readonly failureCode: string | null;
};

/** Asks for a copy; asked again, it goes behind every other job, so that tags arrive in the order they moved. */
export function insertJob(
  sql: Sql,
  job: Pick<ReplicationJob, "repositoryId" | "digest" | "tag"> & Registry,
): void {
  sql.run`INSERT OR REPLACE INTO replicationJobs (repositoryId, digest, tag, account, region, status)
    VALUES (${job.repositoryId}, ${job.digest}, ${job.tag}, ${job.account}, ${job.region}, 'IN_PROGRESS')`;
}

export function nextJob(sql: Sql): ReplicationJob | undefined {
  return sql.get`SELECT * FROM replicationJobs WHERE status = 'IN_PROGRESS' ORDER BY sequence LIMIT 1` as
    | ReplicationJob
    | undefined;
}

export function finishJob(
  sql: Sql,
  sequence: number,
  outcome: { readonly failureCode: string | null },
): void {
  const status = outcome.failureCode === null ? "COMPLETE" : "FAILED";
  sql.run`UPDATE replicationJobs SET status = ${status}, failureCode = ${outcome.failureCode} WHERE sequence = ${sequence}`;
}

/** Jobs of one image, oldest first. */
export function listJobs(sql: Sql, repositoryId: number, digest: string): readonly ReplicationJob[] {
  return sql.all`SELECT * FROM replicationJobs WHERE repositoryId = ${repositoryId} AND digest = ${digest}
    ORDER BY sequence` as ReplicationJob[];
}
