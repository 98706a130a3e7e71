import type { RepositoryRef } from "../registry/repository.ts";
import * as z from "../zod.ts";
import { MalformedEventError } from "./errors.ts";
import type { EventSubject, RegistryEvent } from "./registry-event.ts";
import { EcrEvent, type ImageActionEvent, type ReplicationActionEvent } from "./schema.ts";

/**
 * Reads an EventBridge event of ECR (the parsed JSON, envelope included) into the product's words. Throws
 * MalformedEventError. `result` of an image action is not looked at: the registry is read in any case.
 */
export function parseRegistryEvent(value: unknown): RegistryEvent {
  const parsed = EcrEvent.safeParse(value);
  if (!parsed.success) throw new MalformedEventError(z.prettifyError(parsed.error), { cause: parsed.error });
  const event = parsed.data;
  return event["detail-type"] === "ECR Replication Action" ? replicationEvent(event) : imageEvent(event);
}

function imageEvent(event: ImageActionEvent): RegistryEvent {
  const { detail } = event;
  const base = { id: event.id, time: event.time, repository: repositoryOf(event), subject: subjectOf(event) };
  switch (detail["action-type"]) {
    case "PUSH":
      return { ...base, kind: "image.pushed" };
    case "DELETE":
      return { ...base, kind: "image.deleted" };
    case "UPDATE_STORAGE_CLASS":
      return {
        ...base,
        kind: "image.storage-class-changed",
        target: detail["target-storage-class"] ?? "STANDARD",
      };
    default:
      return { ...base, kind: "image.changed" };
  }
}

function subjectOf({ detail }: ImageActionEvent): EventSubject {
  const digest = detail["image-digest"];
  const tag = detail["image-tag"];
  if (digest) return { digest, ...(tag && { tag }) };
  if (tag) return { tag };
  throw new MalformedEventError("it names neither a digest nor a tag");
}

function replicationEvent(event: ReplicationActionEvent): RegistryEvent {
  const { detail } = event;
  const tag = detail["image-tag"];
  return {
    id: event.id,
    time: event.time,
    kind: "replication.copied",
    repository: repositoryOf(event),
    subject: { digest: detail["image-digest"], ...(tag && { tag }) },
    source: { account: detail["source-account"], region: detail["source-region"] },
    result: detail.result,
  };
}

function repositoryOf(event: ImageActionEvent | ReplicationActionEvent): RepositoryRef {
  return { account: event.account, region: event.region, repository: event.detail["repository-name"] };
}
