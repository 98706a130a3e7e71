import type { Registry } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";

/** What an event names: at least one of digest and tag. An event is a hint; the registry is read before anything is written. */
export type EventSubject =
  | { readonly digest: string; readonly tag?: string }
  | { readonly digest?: never; readonly tag: string };

/** An ECR event in the product's words. `id` and `time` are the envelope's, for the log and the audit trail only. */
export type RegistryEvent = {
  readonly id: string;
  readonly time: string;
  readonly repository: RepositoryRef;
} & (
  | {
      readonly kind: "image.pushed" | "image.deleted" | "image.changed";
      readonly subject: EventSubject;
    }
  | {
      readonly kind: "image.storage-class-changed";
      readonly subject: EventSubject;
      readonly target: "ARCHIVE" | "STANDARD";
    }
  | {
      /** Emitted by the destination: `repository` is the copy, `source` where it came from. */
      readonly kind: "replication.copied";
      readonly subject: { readonly digest: string; readonly tag?: string };
      readonly source: Registry;
      readonly result: "SUCCESS" | "FAILED";
    }
  | {
      /** Fetched from an upstream registry into a cache; `subject` absent: the event does not say what. */
      readonly kind: "image.pulled-through";
      readonly subject?: EventSubject;
      readonly result: "SUCCESS" | "FAILED";
    }
);

export type ImageEvent = Exclude<RegistryEvent, { kind: "replication.copied" | "image.pulled-through" }>;
export type ReplicationEvent = Extract<RegistryEvent, { kind: "replication.copied" }>;
export type PullThroughEvent = Extract<RegistryEvent, { kind: "image.pulled-through" }>;
