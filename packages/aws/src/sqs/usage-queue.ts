import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { registryName } from "@tallyman/domain/registry/registry";
import type { UsageJob, UsageQueue } from "@tallyman/domain/usage/ports";
import { deduplicationId } from "./deduplication-id.ts";

/** What is collected and applied: one after the other in each source and scope, each job once within five minutes. */
export function sqsUsageQueue(sqs: SQSClient, queueUrl: string): UsageQueue {
  return {
    async send(job) {
      const { group, name } = namesOf(job);
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(job),
          // A scope may be longer than a group's 128 characters, and has characters that no group has.
          MessageGroupId: deduplicationId(group),
          MessageDeduplicationId: deduplicationId(`${job.kind}#${group}#${name}`),
        }),
      );
    },
  };
}

/** Reports of a scope wait for each other, whoever makes them: what is collected of `ecs` there, and what is sent. */
function namesOf(job: UsageJob): { readonly group: string; readonly name: string } {
  if (job.kind === "apply")
    return { group: `${job.source}#${job.scope}`, name: `${job.sequence}#${job.asked}` };
  const source = job.kind === "collect" ? job.source : "consumers#";
  return { group: `${source}#${registryName(job)}`, name: `${job.run}#${job.part}` };
}
