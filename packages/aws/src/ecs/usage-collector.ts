import { ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { UsageItem } from "@tallyman/domain/usage/evidence";
import type { UsageCollector } from "@tallyman/domain/usage/ports";
import * as z from "@tallyman/domain/zod";
import { listBuses, listTaskRules, type TaskStart } from "../eventbridge/ecs-rules.ts";
import { listTaskSchedules } from "../scheduler/ecs-schedules.ts";
import { type ClientsAt, type ClientsOptions, clientsAt } from "../sts/clients-at.ts";
import { askUsage } from "../usage/ask-usage.ts";
import { readCursor, writeCursor } from "../usage/cursor.ts";
import { keyText } from "../usage/key-text.ts";
import { clusterName } from "./arns.ts";
import { afterBus, atBuses, atClusters, EcsCursor, FIRST } from "./cursor.ts";
import { collectServices } from "./services.ts";
import { ecsTaskDefinitions, type TaskDefinitions } from "./task-definitions.ts";
import { type Collected, collectTasks } from "./tasks.ts";

type Asked = {
  readonly ecs: ClientsAt<ECSClient>;
  readonly events: ClientsAt<EventBridgeClient>;
  readonly scheduler: ClientsAt<SchedulerClient>;
  readonly definitions: TaskDefinitions;
};
type CursorAt<Step> = Extract<EcsCursor, { readonly step: Step }>;

const LISTED = {
  action: "ecs:ListClusters",
  schema: z.object({ clusterArns: z.array(z.string()), nextToken: z.optional(z.string()) }),
} as const;

/**
 * What ECS runs, ran lately, would start and is told to start by timers, in one account and Region. A page costs two calls for
 * 100 tasks; for ten services and the revisions that count of each, one call each; one call for each rule and schedule.
 */
export function ecsUsageCollector(options: ClientsOptions): UsageCollector {
  const ecs = clientsAt(options, (settings) => new ECSClient(settings));
  const asked: Asked = {
    ecs,
    events: clientsAt(options, (settings) => new EventBridgeClient(settings)),
    scheduler: clientsAt(options, (settings) => new SchedulerClient(settings)),
    definitions: ecsTaskDefinitions(ecs),
  };
  return {
    source: "ecs",
    async collect(at, { revisions }, from) {
      const cursor = from === undefined ? FIRST : readCursor(EcsCursor, from);
      const { items, next } = await step(asked, at, { cursor, revisions });
      return { items, ...(next && { next: writeCursor(next) }) };
    },
  };
}

async function step(
  asked: Asked,
  at: Registry,
  { cursor, revisions }: { readonly cursor: EcsCursor; readonly revisions: number },
): Promise<Collected> {
  switch (cursor.step) {
    case "clusters":
      return clusters(asked, at, cursor);
    case "running":
    case "stopped":
      return collectTasks(asked.ecs, at, cursor);
    case "services":
      return collectServices({ clients: asked.ecs, definitions: asked.definitions }, at, {
        cursor,
        revisions,
      });
    case "buses": {
      const { buses, next } = await listBuses(asked.events, at, cursor.token);
      return { items: [], next: atBuses(buses, next) };
    }
    case "rules":
      return rules(asked, at, cursor);
    case "schedules":
      return schedules(asked, at, cursor);
  }
}

async function clusters({ ecs }: Asked, at: Registry, { token }: CursorAt<"clusters">): Promise<Collected> {
  const command = new ListClustersCommand({ maxResults: 100, nextToken: token });
  const { clusterArns, nextToken } = await askUsage(at, LISTED, () => ecs(at).send(command));
  return { items: [], next: atClusters(clusterArns, nextToken) };
}

async function rules(asked: Asked, at: Registry, cursor: CursorAt<"rules">): Promise<Collected> {
  const [bus = ""] = cursor.buses;
  const { starts, next } = await listTaskRules(asked.events, at, { bus, token: cursor.token });
  return { items: await scheduled(asked, at, starts), next: afterBus(cursor, next) };
}

async function schedules(asked: Asked, at: Registry, { token }: CursorAt<"schedules">): Promise<Collected> {
  const { starts, next } = await listTaskSchedules(asked.scheduler, at, token);
  const items = await scheduled(asked, at, starts);
  return { items, ...(next && { next: { step: "schedules", token: next } }) };
}

/** A family without a revision means its latest when the time comes, which is its latest now, and a later one's tags. */
async function scheduled(
  { definitions }: Asked,
  at: Registry,
  starts: readonly TaskStart[],
): Promise<readonly UsageItem[]> {
  const items: UsageItem[] = [];
  for (const { by, cluster, definition } of starts) {
    const place = {
      account: at.account,
      region: at.region,
      cluster: clusterName(cluster),
      service: keyText(by),
    };
    for (const image of await definitions.imagesOf(at, definition))
      items.push({ image, kind: "scheduled", ...place });
  }
  return items;
}
