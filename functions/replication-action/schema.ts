import { parseRegistryEvent } from "@tallyman/domain/event/parse-event";
import type { ReplicationEvent } from "@tallyman/domain/event/registry-event";
import { ReplicationActionEvent } from "@tallyman/domain/event/schema";
import * as z from "zod";

/** `ECR Replication Action`: the whole EventBridge event, emitted where the copy arrived. */
export const ReplicationActionMessage = ReplicationActionEvent.transform(
  (event, context): ReplicationEvent => {
    const parsed = parseRegistryEvent(event);
    if (parsed.kind === "replication.copied") return parsed;
    context.addIssue({ code: "custom", message: "not a replication" });
    return z.NEVER;
  },
);
