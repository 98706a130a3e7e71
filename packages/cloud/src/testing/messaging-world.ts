import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Core, createCore } from "../composition/core.ts";
import { type Messaging, startMessaging } from "../composition/messaging.ts";
import type { BusEvent } from "../events/bus-event.ts";
import type { LiveLine } from "../live/live-line.ts";
import type { Message } from "../queues/message.ts";
import { loadTopology } from "../topology/topology.ts";
import { smallStacks } from "./small-stacks.ts";

const hubRegistry = { account: "111122223333", region: "us-east-1" };
export const remote = { account: "444455556666", region: "us-east-1" };
const registries = [hubRegistry, { account: "111122223333", region: "us-west-2" }, remote];

export type MessagingWorld = {
  readonly core: Core;
  readonly messaging: Messaging;
  readonly lines: readonly LiveLine[];
  /** Messages of a queue by its name: in the hub unless it stands elsewhere. */
  messages(queue: string, at?: { readonly account: string; readonly region: string }): readonly Message[];
  /** Puts an event on a default bus. */
  put(
    event: Partial<BusEvent>,
    at?: { readonly account: string; readonly region: string },
    options?: { readonly readOnly?: boolean },
  ): void;
  advance(seconds: number): void;
  stop(): void;
};

/** Buses, queues and schedules of the small stacks with everything that decides and delivers; no socket. */
export function messagingWorld(
  change: (stacks: ReturnType<typeof smallStacks>) => void = () => undefined,
): MessagingWorld {
  const stacks = smallStacks();
  change(stacks);
  const lines: LiveLine[] = [];
  const dataDirectory = mkdtempSync(join(tmpdir(), "messaging-"));
  const core = createCore(loadTopology({ ...stacks, hubRegistry, registries }), {
    live: (line) => lines.push(line),
  });
  const messaging = startMessaging(core, { dataDirectory, baseUrl: () => "http://127.0.0.1:1" });
  return {
    core,
    messaging,
    lines,
    messages: (queue, at = hubRegistry) =>
      messaging.queues.find(`arn:aws:sqs:${at.region}:${at.account}:${queue}`)?.messages() ?? [],
    put: (event, at = remote, options = {}) =>
      messaging.buses.put(
        `arn:aws:events:${at.region}:${at.account}:event-bus/default`,
        { ...anEvent(at), ...event },
        options,
      ),
    advance: (seconds) => core.clock.set(new Date(core.clock.now().getTime() + seconds * 1000)),
    stop() {
      messaging.scheduler.stop();
      core.timers.stop();
      messaging.queues.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

function anEvent({ account, region }: { readonly account: string; readonly region: string }): BusEvent {
  return {
    version: "0",
    id: "11111111-2222-4333-8444-555555555555",
    "detail-type": "Demo",
    source: "demo.app",
    account,
    region,
    time: "2026-11-21T00:00:00Z",
    resources: [],
    detail: { name: "x" },
  };
}
