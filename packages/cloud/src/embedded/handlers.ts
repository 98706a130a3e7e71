import * as z from "zod";
import { FaultSettings } from "../faults/create-faults.ts";
import type { CloudParts } from "../start-cloud.ts";
import type { ControlHandlers } from "./control.ts";
import { type IdleSources, idleReport, waitUntilIdle } from "./idle.ts";
import { swapPolicy } from "./policy.ts";
import { registryEvent } from "./registry-event.ts";
import { runSchedule } from "./run-schedule.ts";
import { setClock } from "./set-clock.ts";

/** `paced`: refuse more than one message per second and channel, as Slack does. */
const SlackSettings = z.strictObject({ paced: z.boolean() });

/** Longest `?wait=`, and how long `POST run/*` waits unless told, in seconds. */
const longestWait = 60;
const runWait = 30;

/** The control surface under `/_embedded/`: it exists only here, never on AWS. */
export function controlHandlers(parts: CloudParts, reset: () => Promise<void>): ControlHandlers {
  const { core } = parts;
  const idle = idleSources(parts);
  return {
    "GET health": () => ({ status: "ok", now: core.clock.now().toISOString() }),
    "GET denials": () => ({ denials: core.denials.list() }),
    "GET topology": () => describeTopology(parts),
    "GET wire": () => core.wire.counts(),
    /** Calls of the ECR API under way, by account and Region; `POST load` begins to count the peaks anew. */
    "GET load": () => ({ registries: parts.registry.load() }),
    "POST load": () => {
      parts.registry.forgetPeaks();
      return { registries: parts.registry.load() };
    },
    /** An event as a registry emits it: AWS lets nobody else put events whose source is ECR. */
    "POST events": ({ body }) => {
      const event = registryEvent(core, body);
      parts.messaging.registryEvents.publish(event);
      return { published: event.detailType };
    },
    "GET slack": () => ({ messages: parts.slack.messages() }),
    "POST slack": ({ body }) => {
      const { paced } = SlackSettings.parse(body);
      parts.slack.setPaced(paced);
      return { paced };
    },
    "GET metrics": () => ({ metrics: parts.metrics.totals() }),
    "GET consumed": () => ({ consumed: parts.tables.consumed() }),
    "GET inits": () => ({ inits: parts.functions.pool.initDurations() }),
    "GET idle": ({ query }) => {
      const wait = secondsOf(query, 0);
      return wait > 0 ? waitUntilIdle(idle, wait) : idleReport(idle);
    },
    "GET faults": () => ({ ...core.faults.show(), injected: core.faults.injected() }),
    "POST faults": ({ body }) => {
      core.faults.set(FaultSettings.parse(body ?? {}));
      return core.faults.show();
    },
    "GET clock": () => ({ now: core.clock.now().toISOString() }),
    "POST clock": ({ body }) => setClock(core.clock, body),
    "POST policy": ({ body }) => swapPolicy(core, parts.mappings, body),
    /** After a change of policies: sessions, secrets and whatever else functions keep are gone. */
    "POST recycle": async () => {
      await parts.functions.pool.recycle();
      return { recycled: true };
    },
    "POST run/*": ({ rest, query }) =>
      runSchedule(parts, idle, { name: rest, wait: secondsOf(query, runWait) }),
    /** A task of ECS ends by itself: nothing here runs that could. */
    "POST ecs/exit": ({ body }) => parts.ecs.exitTask(body),
    /** Every lifecycle policy, due or not: AWS has no such call. */
    "POST lifecycle": async () => ({ runs: await parts.registry.runLifecycle("all") }),
    "GET switches": () => allSwitches(parts),
    "POST switches": ({ body }) => {
      setSwitches(parts, z.record(z.string(), z.unknown()).parse(body));
      return allSwitches(parts);
    },
    "POST reset": async () => {
      await reset();
      return { reset: true };
    },
  };
}

function secondsOf(query: URLSearchParams, otherwise: number): number {
  return Math.min(Number(query.get("wait") ?? otherwise) || 0, longestWait);
}

/** The registry's and ECS's. */
function allSwitches({ registry, ecs }: CloudParts): object {
  return { ...registry.switches(), ...ecs.settings.show() };
}

/** Those of ECS begin with its name. Nothing is set when one of them is none. */
function setSwitches({ registry, ecs }: CloudParts, changes: Readonly<Record<string, unknown>>): void {
  const those = (own: boolean) =>
    Object.fromEntries(Object.entries(changes).filter(([name]) => name.startsWith("ecs") === own));
  ecs.settings.check(those(true));
  registry.setSwitches(those(false));
  ecs.settings.set(those(true));
}

function idleSources({ messaging, mappings, registry, ecs, core }: CloudParts): IdleSources {
  const consumed = core.topology
    .resources("aws:lambda/eventSourceMapping:EventSourceMapping")
    .map(({ inputs }) => String(inputs["eventSourceArn"]));
  return { messaging, mappings, registry, ecs, consumed: new Set(consumed) };
}

function describeTopology({ core, messaging, functions }: CloudParts): object {
  return {
    hub: core.topology.hub,
    registries: core.topology.registries,
    queues: messaging.queues.all().map(({ settings }) => settings),
    functions: functions.definitions.map(({ name, arn, roleArn, timeoutSeconds }) => ({
      name,
      arn,
      roleArn,
      timeoutSeconds,
    })),
    roles: core.identity.roles().map(({ arn }) => arn),
    schedules: messaging.scheduler.names(),
  };
}
