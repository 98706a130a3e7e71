import { join } from "node:path";
import type { RunTask } from "../events/ecs-target.ts";
import { Buses, type EventBuses } from "../events/event-buses.ts";
import { eventsService } from "../events/events-service.ts";
import { keepRules } from "../events/kept-rules.ts";
import { createRegistryEvents, type RegistryEvents } from "../events/registry-events.ts";
import { runRuleSchedules } from "../events/rule-timers.ts";
import { AwsError, type AwsService } from "../http/aws-service.ts";
import { isNews, registryLine } from "../live/registry-line.ts";
import { sqliteJournal } from "../queues/journal.ts";
import { createMoveTasks } from "../queues/move-tasks.ts";
import { createQueues, type QueueSet } from "../queues/queue-set.ts";
import { createSendToQueue, type SendToQueue } from "../queues/service-send.ts";
import { sqsService } from "../queues/sqs-api/sqs-service.ts";
import { keepSchedules } from "../schedules/kept-schedules.ts";
import { createRecurring } from "../schedules/recurring.ts";
import { type Scheduler, startScheduler } from "../schedules/scheduler.ts";
import { schedulerApi } from "../schedules/scheduler-api.ts";
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
  /** Nothing begins by the clock any more. */
  stopSchedules(): void;
  readonly services: readonly AwsService[];
};

export function startMessaging(
  core: Core,
  options: {
    readonly dataDirectory: string;
    readonly baseUrl: () => string;
    /** Of ECS, which there need not be yet. */
    readonly runTask?: RunTask;
  },
): Messaging {
  const { topology, timers, clock, faults } = core;
  const { authorize } = core.authorizer;
  const now = () => clock.now().getTime();
  const journal = sqliteJournal(join(options.dataDirectory, "queues.sqlite"));
  const queues = createQueues(queuesOf(topology), { timers, now, journal });
  const queuePolicies = core.policies.of;
  const sendToQueue = createSendToQueue({ queues, authorize, queuePolicies, faults });
  const { runTask = noEcs } = options;
  const deliver = { sendToQueue, runTask };
  const buses = startBuses(core, deliver);
  const recurring = createRecurring(core);
  runRuleSchedules(buses, recurring);
  const scheduler = startSchedules(core, deliver);
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
    scheduler,
    stopSchedules() {
      scheduler.stop();
      recurring.stop();
    },
    services: [
      sqsService({ queues, authorize, queuePolicies, moveTasks, faults, baseUrl: options.baseUrl }),
      eventsService(events),
      schedulerApi({ ...core, ...core.authorizer, scheduler, now: () => clock.now() }),
    ],
  };
}

/** What was made by calls goes on as it was; it is kept from now on. */
export async function keepMessaging({ buses, scheduler }: Messaging, dataDirectory: string): Promise<void> {
  await keepRules(buses.rules, join(dataDirectory, "rules.json"));
  await keepSchedules(scheduler, join(dataDirectory, "schedules.json"));
}

type Deliver = { readonly sendToQueue: SendToQueue; readonly runTask: RunTask };

const noEcs: RunTask = () => {
  throw new AwsError("ServerException", "ECS does not answer.", 500);
};

function startBuses(core: Core, deliver: Deliver): EventBuses {
  const { topology, timers, assumeServiceRole } = core;
  return new Buses({
    buses: busesOf(topology),
    rules: rulesOf(topology),
    timers,
    authorize: core.authorizer.authorize,
    assumeServiceRole,
    busPolicies: core.policies.of,
    ...deliver,
    onLost: ({ rule, target, reason }) =>
      core.tell({ level: "error", source: "event lost", message: reason, fields: { rule, target } }),
  });
}

function startSchedules(core: Core, deliver: Deliver): Scheduler {
  const { topology, timers, clock, assumeServiceRole } = core;
  return startScheduler({
    schedules: schedulesOf(topology),
    clock,
    timers,
    assumeServiceRole,
    ...deliver,
    onLost: ({ name }, reason) =>
      core.tell({ level: "error", source: "schedule lost", message: reason, fields: { schedule: name } }),
  });
}
