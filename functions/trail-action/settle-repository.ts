import type { TrailEvent } from "@tallyman/domain/event/trail/trail-event";
import { listRepository } from "@tallyman/domain/inventory/list-repository";
import { registryName } from "@tallyman/domain/registry/registry";
import type { TrailActionDeps } from "./deps.ts";

/**
 * A repository that was created is listed at once. One that was deleted is compared with its registry, which closes every
 * record of it: of a large one that takes longer than this function may, and what runs there begins anew after a crash and
 * finds what is done. The record's id names the run, so that the same record again adds no second one.
 */
export async function settleRepository(deps: TrailActionDeps, event: TrailEvent): Promise<void> {
  const { account, region, repository } = event.repository;
  const about = { registry: registryName(event.repository), repository, eventId: event.id };
  const actions = event.acts.map(({ action }) => action);
  if (actions.includes("create-repository")) {
    const listed = await listRepository(deps, event.repository, deps.now());
    if (listed) deps.telemetry.log.info("repository listed", about);
  }
  if (actions.includes("delete-repository")) {
    const told = "repository-delete";
    await deps.queue.send([{ kind: "repository", account, region, repository, run: event.id, told }]);
    deps.telemetry.log.info("repository deleted, to be compared", about);
  }
}
