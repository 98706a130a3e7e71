import { type BusEvent, eventTime } from "@tallyman/cloud/events/bus-event";
import { Buses } from "@tallyman/cloud/events/event-buses";
import type { AssumeServiceRole } from "@tallyman/cloud/identity/service-roles";
import type { Mapping } from "@tallyman/cloud/mappings/mapping";
import { createMoveTasks } from "@tallyman/cloud/queues/move-tasks";
import { createQueues, type QueueSet } from "@tallyman/cloud/queues/queue-set";
import { createSendToQueue } from "@tallyman/cloud/queues/service-send";
import { sqsService } from "@tallyman/cloud/queues/sqs-api/sqs-service";
import { busesOf, rulesOf } from "@tallyman/cloud/topology/buses";
import { mappingsOf } from "@tallyman/cloud/topology/mappings";
import { queuesOf } from "@tallyman/cloud/topology/queues";
import { loadTopology } from "@tallyman/cloud/topology/topology";
import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { EcrEvent } from "@tallyman/registry/ecr-event";
import { committedSnapshots } from "../../support/snapshots.ts";
import type { Answers } from "./doors.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** Buses, rules and queues as the stacks declare them, by the clock of the test. */
export type Cloud = {
  readonly queues: QueueSet;
  readonly mappings: readonly Mapping[];
  /** Puts an event on the default bus of its registry, as often as it is called. */
  publish(event: EcrEvent, id: string): void;
  /** Whether any rule of a registry would hear of its API calls. */
  hearsCalls(registry: Registry, call: { readonly readOnly: boolean }): boolean;
  readonly sqs: Answers;
  queueUrl(name: string): string;
  /** Puts a message into a queue, as a schedule does. */
  send(queue: string, body: unknown, group?: string): void;
  /** Moves everything back from the dead-letter queues, as an operator does; how many messages. */
  redrive(): number;
  /** Of one queue's messages that can be received, or cannot yet. */
  readonly lost: string[];
};

const ALLOW: Authorize = () => ({ allowed: true });

export function startCloud(place: {
  readonly hub: Registry;
  readonly registries: readonly Registry[];
  readonly time: VirtualTime;
}): Cloud {
  const { hub, registries, time } = place;
  const topology = loadTopology({ ...committedSnapshots(), hubRegistry: hub, registries });
  const now = () => time.now().getTime();
  const queues = createQueues(queuesOf(topology), { timers: time, now });
  const faults = { failure: () => undefined, delivery: () => [0] };
  const policies = { authorize: ALLOW, queuePolicies: () => [] };
  const sendToQueue = createSendToQueue({ queues, faults, ...policies });
  const lost: string[] = [];
  const buses = new Buses({
    buses: busesOf(topology),
    rules: rulesOf(topology),
    timers: time,
    authorize: ALLOW,
    assumeServiceRole: asRole,
    busPolicies: () => [],
    sendToQueue,
    runTask: () => {
      throw new Error("no rule of the stacks starts tasks");
    },
    onLost: ({ reason }) => void lost.push(reason),
  });
  const moveTasks = createMoveTasks(queues, now);
  const service = sqsService({
    queues,
    moveTasks,
    faults,
    ...policies,
    baseUrl: () => "http://127.0.0.1",
  });
  const caller = { account: hub.account, arn: `arn:aws:iam::${hub.account}:role/worker` };
  return {
    queues,
    lost,
    mappings: mappingsOf(topology),
    publish: (event, id) =>
      buses.put(defaultBus(event), inEnvelope(event, id), { readOnly: event.readOnly ?? false }),
    hearsCalls: (registry, call) => buses.hearsCalls(defaultBus(registry), call),
    async sqs(operation, body) {
      const { status, body: answer = "" } = await service.handle({
        method: "POST",
        path: "/",
        query: new URLSearchParams(),
        headers: { "x-amz-target": `AmazonSQS.${operation}` },
        body: new TextEncoder().encode(body),
        caller,
        ...hub,
      });
      return { status, body: answer };
    },
    queueUrl: (name) => `http://127.0.0.1/${hub.account}/${name}`,
    send(name, body, group) {
      const queueArn = `arn:aws:sqs:${hub.region}:${hub.account}:${name}`;
      const deduplicationId = group === undefined ? undefined : JSON.stringify(body).replaceAll(/\W/g, "");
      sendToQueue({ caller, queueArn, body: JSON.stringify(body), group, deduplicationId, context: {} });
    },
    redrive: () =>
      queues
        .all()
        .filter(({ settings }) => queues.sourcesOf(settings.arn).length > 0)
        .reduce((moved, queue) => moved + moveTasks.start(queue).moved, 0),
  };
}

const asRole: AssumeServiceRole = (roleArn) => {
  const [, , , , account = ""] = roleArn.split(":");
  const credentials = { accessKeyId: "", secretAccessKey: "", sessionToken: "", expiration: new Date(0) };
  return { caller: { account, arn: roleArn }, credentials } as unknown as ReturnType<AssumeServiceRole>;
};

function defaultBus({ account, region }: Registry): string {
  return `arn:aws:events:${region}:${account}:event-bus/default`;
}

function inEnvelope({ account, region, detailType, time, resources, detail }: EcrEvent, id: string) {
  return {
    version: "0",
    id,
    "detail-type": detailType,
    source: "aws.ecr",
    account,
    time: eventTime(time),
    region,
    resources,
    detail: detail as BusEvent["detail"],
  } as const satisfies BusEvent;
}
