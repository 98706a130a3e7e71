import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import type { Trail } from "../events/trail/trail.ts";
import type { ReplicationJob } from "../storage/replication-jobs.ts";
import type { Repository } from "../storage/repositories.ts";

const SERVICE = "replication.ecr.amazonaws.com";
const CLIENT = { address: SERVICE, userAgent: SERVICE };

/**
 * Replication calls ReplicateImage in the destination, and CreateRepository where that is missing. What failed stands in
 * the source's trail: of a call that was refused, CloudTrail tells the caller alone.
 */
export function recordCopy(
  trail: Trail,
  copy: {
    readonly source: Repository;
    readonly job: ReplicationJob;
    readonly outcome: { readonly failureCode: string | null; readonly createdRepository?: boolean };
  },
): void {
  const { source, job, outcome } = copy;
  const destination = { account: job.account, region: job.region };
  const caller: Caller = { account: source.account, arn: SERVICE, service: SERVICE };
  const repositoryName = source.name;
  const common = { caller, client: CLIENT, output: {} };
  const imageId = { imageDigest: job.digest, ...(job.tag !== "" && { imageTag: job.tag }) };
  const input = { repositoryName, registryId: job.account, imageId };
  if (outcome.createdRepository)
    trail.record(destination, "CreateRepository", () => ({ ...common, input: { repositoryName } }));
  if (outcome.failureCode === null) trail.record(destination, "ReplicateImage", () => ({ ...common, input }));
  else {
    const message = `The image could not be replicated to ${job.region} of ${job.account}.`;
    const error = { code: outcome.failureCode, message };
    trail.record(source, "ReplicateImage", () => ({ ...common, input, error }));
  }
}
