import { parseRegistryEvent } from "@tallyman/domain/event/parse-event";
import type { ReplicationEvent } from "@tallyman/domain/event/registry-event";
import { ReplicationActionEvent } from "@tallyman/domain/event/schema";
import * as z from "@tallyman/domain/zod";

/** `ECR Replication Action`: the whole EventBridge event, emitted where the copy arrived. */
export const ReplicationActionMessage = z.pipe(
  ReplicationActionEvent,
  z.transform((event, context): ReplicationEvent => {
    const parsed = parseRegistryEvent(event);
    if (parsed.kind === "replication.copied") return parsed;
    context.issues.push({ code: "custom", message: "not a replication", input: event });
    return z.NEVER;
  }),
);
