import { join } from "node:path";
import { createEcs, type Ecs } from "../workloads/ecs/create-ecs.ts";
import { sqliteStore } from "../workloads/ecs/ecs-store.ts";
import type { Core } from "./core.ts";
import type { Messaging } from "./messaging.ts";

/** Amazon ECS, whose tasks pull from this cloud's own port. */
export function startEcs(
  core: Core,
  { registryEvents }: Messaging,
  options: { readonly dataDirectory: string; readonly endpoint: () => string },
): Ecs {
  const { clock, timers, faults, authorizer, assumeServiceRole, tell, onError } = core;
  return createEcs({
    ...{ clock, timers, faults, authorize: authorizer.authorize, assumeServiceRole, tell, onError },
    store: sqliteStore(join(options.dataDirectory, "ecs.sqlite")),
    endpoint: options.endpoint,
    publish: registryEvents.publish,
  });
}
