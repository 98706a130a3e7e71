import { randomUUID } from "node:crypto";
import type { Registry } from "@tallyman/domain/registry/registry";
import { repositoryArn } from "@tallyman/domain/registry/repository";

/** What is the same in every CloudTrail record about a registry. */
export function commonRecord(registry: Registry, eventName: string, time: Date) {
  return {
    eventTime: `${time.toISOString().slice(0, 19)}Z`,
    eventSource: "ecr.amazonaws.com",
    eventName,
    awsRegion: registry.region,
    eventID: randomUUID(),
    managementEvent: true,
    recipientAccountId: registry.account,
    eventCategory: "Management",
  };
}

/** A record's `resources`: the repository that it is about. */
export function repositoryResource({ account, region }: Registry, repository: string) {
  return { ARN: repositoryArn({ account, region, repository }), accountId: account };
}
