import type { TrailEvent } from "@tallyman/domain/event/trail/trail-event";
import { rememberDeeds } from "@tallyman/domain/history/remember-deeds";
import type { Policy } from "@tallyman/domain/policy/policy";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import { assertDeclared } from "../configuration/declared.ts";
import type { TrailActionDeps } from "./deps.ts";
import { lookAtImages } from "./look-at-images.ts";
import { TrailMessage } from "./schema.ts";
import { settleRepository } from "./settle-repository.ts";

/**
 * CloudTrail told of a call that changed images, or of what the registry did by itself: who did it is remembered, and what
 * it names is read and recorded as after any event. A record of CloudTrail comes late, or when an event of ECR has brought
 * all of it already: then only who did it is new. The same record again finds all of it done and writes nothing.
 */
export function createHandler(deps: TrailActionDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: TrailMessage,
    ordering: "none",
    async onMessage(message) {
      const [policy] = await Promise.all([
        deps.policy.currentPolicy(),
        assertDeclared(deps.declared, message.heardFrom),
      ]);
      const { log } = deps.telemetry;
      if (message.kind === "refused") log.debug("call refused, nothing done", { eventId: message.id });
      else if (await isOurs(deps, message)) await follow(deps, message, policy);
      else log.debug("call to a registry that is not declared", { eventId: message.id });
    },
  });
}

async function follow(deps: TrailActionDeps, event: TrailEvent, policy: Policy): Promise<void> {
  const deeds = await rememberDeeds(deps.deeds, event, policy.inventory.keepDays);
  const { account, region, repository } = event.repository;
  const about = { registry: registryName({ account, region }), repository, eventId: event.id };
  deps.telemetry.log.debug("deeds remembered", { ...about, by: event.by, deeds });
  await settleRepository(deps, event);
  await lookAtImages(deps, event, policy);
  // A push has an event of its own, which asks for the same.
  if (event.acts.every(({ action }) => action === "push")) return;
  await deps.recounts.send(event.repository, deps.now().toISOString());
}

/** The caller's account hears of a call to another's registry too. */
async function isOurs(
  { declared }: TrailActionDeps,
  { heardFrom, repository }: TrailEvent,
): Promise<boolean> {
  const isIt = (registry: Registry) => registryName(registry) === registryName(repository);
  return isIt(heardFrom) || (await declared.declaredRegistries()).some(isIt);
}
