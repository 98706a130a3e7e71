import { join } from "node:path";
import { Buses, type EventBuses } from "../events/event-buses.ts";
import { eventsService } from "../events/events-service.ts";
import { createRegistryEvents, type RegistryEvents } from "../events/registry-events.ts";
import type { AwsService } from "../http/aws-service.ts";
import { isNews, registryLine } from "../live/registry-line.ts";
import { sqliteJournal } from "../queues/journal.ts";
import { createMoveTasks } from "../queues/move-tasks.ts";
import { createQueues, type QueueSet } from "../queues/queue-set.ts";
import { createSendToQueue } from "../queues/service-send.ts";
import { sqsService } from "../queues/sqs-api/sqs-service.ts";
import { type Scheduler, startScheduler } from "../schedules/scheduler.ts";
import { busesOf, rulesOf } from "../topology/buses.ts";
import { queuesOf } from "../topology/queues.ts";
import { schedulesOf } from "../topology/schedules.ts";
import type { Core } from "./core.ts";

/** Queues, buses and schedules, wired as the stacks say. */
export type Messaging = {
  readonly queues: QueueSet;
  readonly buses: EventBuses;
  readonly registryEvents: RegistryEvents;
  readonly scheduler: Scheduler;
  readonly services: readonly AwsService[];
};

export function startMessaging(
  core: Core,
  options: { readonly dataDirectory: string; readonly baseUrl: () => string },
): Messaging {
  const { topology, timers, clock, faults } = core;
  const { authorize } = core.authorizer;
  const now = () => clock.now().getTime();
  const journal = sqliteJournal(join(options.dataDirectory, "queues.sqlite"));
  const queues = createQueues(queuesOf(topology), { timers, now, journal });
  const queuePolicies = core.policies.of;
  const sendToQueue = createSendToQueue({ queues, authorize, queuePolicies, faults });
  const buses = startBuses(core, sendToQueue);
  const events = { buses, authorize, busPolicies: core.policies.of, now: () => clock.now(), faults };
  const moveTasks = createMoveTasks(queues, now);
  return {
    queues,
    buses,
    registryEvents: createRegistryEvents({
      buses,
      timers,
      faults,
      onEvent: (event) => {
        if (event.source === "aws.ecr" && isNews(event)) core.tell(registryLine(event, clock.now()));
      },
    }),
    scheduler: startSchedules(core, sendToQueue),
    services: [
      sqsService({ queues, authorize, queuePolicies, moveTasks, faults, baseUrl: options.baseUrl }),
      eventsService(events),
    ],
  };
}

type SendToQueue = ReturnType<typeof createSendToQueue>;

function startBuses(core: Core, sendToQueue: SendToQueue): EventBuses {
  const { topology, timers, assumeServiceRole } = core;
  return new Buses({
    buses: busesOf(topology),
    rules: rulesOf(topology),
    timers,
    authorize: core.authorizer.authorize,
    assumeServiceRole,
    busPolicies: core.policies.of,
    sendToQueue,
    onLost: ({ rule, target, reason }) =>
      core.tell({ level: "error", source: "event lost", message: reason, fields: { rule, target } }),
  });
}

function startSchedules(core: Core, sendToQueue: SendToQueue): Scheduler {
  const { topology, timers, clock, assumeServiceRole } = core;
  return startScheduler({
    schedules: schedulesOf(topology),
    clock,
    timers,
    assumeServiceRole,
    sendToQueue,
    onLost: ({ name }, reason) =>
      core.tell({ level: "error", source: "schedule lost", message: reason, fields: { schedule: name } }),
  });
}
