import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import { getImage } from "../core/find-image.ts";
import { getRepository } from "../core/repositories.ts";
import { listJobs, type ReplicationJob } from "../storage/replication-jobs.ts";
import { ImageIdentifier, registryId, repositoryName, toReference } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";

const Input = z.object({ registryId, repositoryName, imageId: ImageIdentifier });

/** One status per destination; none (A14) where no rule matched when the image was pushed. */
export const describeImageReplicationStatusOperation = operation(
  "DescribeImageReplicationStatus",
  Input,
  (call) => {
    const { core, input } = call;
    const ref = permittedRepository(call, "ecr:DescribeImageReplicationStatus");
    const repository = getRepository(core.sql, ref);
    const reference = toReference(input.imageId);
    const image = getImage(core.sql, repository, reference);
    const replicationStatuses = summarize(listJobs(core.sql, repository.id, image.digest));
    if (replicationStatuses.length === 0 && core.switches.statusWithoutReplication === "refused")
      throw new EcrError(
        "ValidationException",
        "The image was replicated nowhere: no rule matched its repository.",
      );
    return {
      repositoryName: ref.repository,
      imageId: { imageDigest: image.digest, imageTag: reference.tag },
      replicationStatuses,
    };
  },
);

/** An image that was pushed under several tags has several jobs per destination: open ones first, then the latest. */
function summarize(jobs: readonly ReplicationJob[]): readonly object[] {
  const byDestination = new Map<string, ReplicationJob>();
  for (const job of jobs) {
    const key = `${job.account}/${job.region}`;
    if (byDestination.get(key)?.status !== "IN_PROGRESS") byDestination.set(key, job);
  }
  return [...byDestination.values()].map((job) => ({
    region: job.region,
    registryId: job.account,
    status: job.status,
    failureCode: job.failureCode ?? undefined,
  }));
}
