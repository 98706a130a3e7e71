import { type FollowUpDeps, followUp } from "@tallyman/domain/inventory/follow-up";
import { recordImage } from "@tallyman/domain/inventory/record-image";
import type { TagDeps } from "@tallyman/domain/inventory/record-tag";
import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import type { Telemetry } from "@tallyman/observability/telemetry";
import { assertDeclared } from "../configuration/declared.ts";
import { report } from "../reporting/report.ts";
import { causeOf } from "./cause.ts";
import { ImageActionMessage } from "./schema.ts";

export type ImageActionDeps = TagDeps &
  FollowUpDeps & {
    readonly telemetry: Telemetry;
    readonly policy: PolicySource;
    readonly declared: RegistriesSource;
    readonly now: () => Date;
  };

/**
 * An image was pushed, deleted, archived or restored: the registry is read, the inventory made to agree, its tags judged,
 * people told, copies expected. The same event again finds all of it done and writes nothing.
 */
export function createHandler(deps: ImageActionDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: ImageActionMessage,
    ordering: "none",
    async onMessage(event) {
      // Both are read at a cold start only, then at the same time.
      const [policy] = await Promise.all([
        deps.policy.currentPolicy(),
        assertDeclared(deps.declared, event.repository),
      ]);
      const { repository, subject } = event;
      const request = { repository, cause: causeOf(event), policy, now: deps.now() };
      const recorded = await recordImage(deps, {
        ...request,
        subject,
        event: event.id,
        rules: policy.tagging.rules,
        keepDays: policy.inventory.keepDays,
      });
      const followed = await followUp(deps, { ...request, recorded });
      report(deps.telemetry, { repository, eventId: event.id, recorded, followed });
    },
  });
}
