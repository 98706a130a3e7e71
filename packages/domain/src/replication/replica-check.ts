import * as z from "zod";
import type { DueItem } from "../due/due-item.ts";
import { Digest } from "../image/digest.ts";
import { AccountId, Region, registryName } from "../registry/registry.ts";
import { RepositoryName, type RepositoryRef } from "../registry/repository.ts";

const Destination = z.strictObject({ account: AccountId, region: Region });

/** What a due item of the kind `replica-check` carries: one push and where its copies should be. */
export const ReplicaCheckPayload = z.strictObject({
  account: AccountId,
  region: Region,
  repository: RepositoryName,
  digest: Digest,
  /** Empty: pushed without a tag. */
  tag: z.string().max(128),
  destinations: z.array(Destination).min(1),
});
export type ReplicaCheckPayload = z.infer<typeof ReplicaCheckPayload>;

export function replicaCheckId(
  push: RepositoryRef & { readonly digest: string; readonly tag: string },
): string {
  return `replica-check#${registryName(push)}#${push.repository}#${push.digest}#${push.tag}`;
}

export function replicaCheck(payload: ReplicaCheckPayload, dueAt: string, version: number): DueItem {
  return { id: replicaCheckId(payload), kind: "replica-check", dueAt, payload, version };
}
