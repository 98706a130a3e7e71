import type { EcrRegistry } from "@tallyman/registry/open-registry";
import type { Messaging } from "../composition/messaging.ts";
import type { EventSourceMappings } from "../mappings/event-source-mappings.ts";
import type { Ecs } from "../workloads/ecs/create-ecs.ts";

/** What is still under way. */
export type IdleReport = {
  /**
   * Nothing is: every queue that feeds a function is empty but for what its own delay holds back, nothing is with a
   * function, retried or replicating.
   */
  readonly idle: boolean;
  readonly queues: readonly QueueReport[];
  readonly batches: number;
  readonly deliveries: number;
  readonly replicating: boolean;
  /** Tasks of ECS that are being started, and services that are about to start some. */
  readonly tasks: number;
};

type QueueReport = {
  readonly name: string;
  readonly arn: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Some function reads it: it has to be empty before the cloud is idle. */
  readonly consumed: boolean;
  /** Every message of it waits for a time of the queue's own: what is delayed there is for later, not under way. */
  readonly delays: boolean;
};

export type IdleSources = {
  readonly messaging: Messaging;
  readonly mappings: EventSourceMappings;
  readonly registry: EcrRegistry;
  readonly ecs: Pick<Ecs, "busy">;
  /** ARNs of the queues that feed functions. */
  readonly consumed: ReadonlySet<string>;
};

export async function idleReport({
  messaging,
  mappings,
  registry,
  ecs,
  consumed,
}: IdleSources): Promise<IdleReport> {
  const replicating = !(await isResolved(registry.idle()));
  const reports = messaging.queues.all().map((queue) => ({
    name: queue.settings.name,
    arn: queue.settings.arn,
    ...queue.counts(),
    consumed: consumed.has(queue.settings.arn),
    delays: queue.settings.delay > 0,
  }));
  const tasks = ecs.busy();
  const batches = mappings.busy();
  const deliveries = messaging.buses.pending() + messaging.registryEvents.pending();
  const empty = reports.every((one) => !one.consumed || underWay(one) === 0);
  return {
    idle: empty && batches === 0 && deliveries === 0 && tasks === 0 && !replicating,
    queues: reports,
    batches,
    deliveries,
    replicating,
    tasks,
  };
}

function underWay({ visible, inFlight, delayed, delays }: QueueReport): number {
  return visible + inFlight + (delays ? 0 : delayed);
}

/** Asks again and again until the cloud is idle or `seconds` have passed. */
export async function waitUntilIdle(sources: IdleSources, seconds: number): Promise<IdleReport> {
  const end = performance.now() + seconds * 1000;
  let report = await idleReport(sources);
  while (!report.idle && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    report = await idleReport(sources);
  }
  return report;
}

function isResolved(promise: Promise<void>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(() => setImmediate(() => resolve(false)))),
  ]);
}
