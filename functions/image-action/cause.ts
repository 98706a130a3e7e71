import type { RegistryEvent } from "@tallyman/domain/event/registry-event";
import type { Cause } from "@tallyman/domain/inventory/records";

const CAUSES = {
  "image.pushed": "push",
  "image.deleted": "delete",
  "image.changed": "event",
  "image.pulled-through": "pull-through",
  "replication.copied": "replication",
} as const satisfies Partial<Record<RegistryEvent["kind"], Cause>>;

/** Why what the event led to began. */
export function causeOf(event: RegistryEvent): Cause {
  if (event.kind !== "image.storage-class-changed") return CAUSES[event.kind];
  return event.target === "ARCHIVE" ? "archive" : "restore";
}
