import { DescribeServicesCommand, type ECSClient, ListServicesCommand } from "@aws-sdk/client-ecs";
import type { Registry } from "@tallyman/domain/registry/registry";
import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import type { UsageItem } from "@tallyman/domain/usage/evidence";
import * as z from "@tallyman/domain/zod";
import type { ClientsAt } from "../sts/clients-at.ts";
import { askIfThere, askUsage } from "../usage/ask-usage.ts";
import { keyText } from "../usage/key-text.ts";
import { definitionName, familyName } from "./arns.ts";
import { afterCluster, type ClusterCursor, withoutCluster } from "./cursor.ts";
import { placeOf, resolvedImages } from "./service-revisions.ts";
import type { TaskDefinitions } from "./task-definitions.ts";
import type { Collected } from "./tasks.ts";

/** ECS describes so many services at once. */
const PAGE = 10;

const text = z.string();
const maybeText = z.optional(text);
const Failures = z._default(z.array(z.object({ reason: maybeText })), []);
const WithDefinition = z.object({ taskDefinition: maybeText });

const LISTED = {
  action: "ecs:ListServices",
  schema: z.object({ serviceArns: z.array(text), nextToken: maybeText }),
  gone: "ClusterNotFoundException",
} as const;

const Service = z.object({
  serviceName: text,
  taskDefinition: maybeText,
  deployments: z._default(z.array(WithDefinition), []),
  taskSets: z._default(z.array(WithDefinition), []),
  currentServiceRevisions: z._default(z.array(z.object({ arn: text })), []),
});
type Service = z.infer<typeof Service>;

const DESCRIBED = {
  action: "ecs:DescribeServices",
  schema: z.object({ services: z.array(Service), failures: Failures }),
} as const;

export type ServiceDeps = { readonly clients: ClientsAt<ECSClient>; readonly definitions: TaskDefinitions };

/**
 * A page of a cluster's services, whether or not anything of them runs: what each deployment starts, by the names in its task
 * definition and by the digests that ECS has resolved them to, and the last revisions of the families.
 */
export async function collectServices(
  deps: ServiceDeps,
  at: Registry,
  { cursor, revisions }: { readonly cursor: ClusterCursor; readonly revisions: number },
): Promise<Collected> {
  const [cluster = ""] = cursor.clusters;
  const input = { cluster, maxResults: PAGE, nextToken: cursor.token };
  const listed = await askIfThere(at, LISTED, () => deps.clients(at).send(new ListServicesCommand(input)));
  if (!listed) return { items: [], next: withoutCluster(cursor) };
  const next = afterCluster(cursor, listed.nextToken);
  if (listed.serviceArns.length === 0) return { items: [], next };
  const services = await describe(deps, at, { cluster, services: listed.serviceArns });
  const items = [
    ...(await deployed(deps, at, { cluster, services })),
    ...(await resolvedImages(deps.clients, at, { cluster, services })),
    ...(await rollbacks(deps, at, { services, revisions })),
  ];
  return { items, next };
}

async function describe(
  { clients }: ServiceDeps,
  at: Registry,
  input: { readonly cluster: string; readonly services: string[] },
): Promise<readonly Service[]> {
  const answer = await askUsage(at, DESCRIBED, () => clients(at).send(new DescribeServicesCommand(input)));
  // MISSING: deleted since it was listed.
  const failure = answer.failures.find(({ reason }) => reason !== "MISSING");
  if (failure) throw new UsageUnavailableError(at, { action: DESCRIBED.action, why: failure.reason ?? "" });
  return answer.services;
}

type InCluster = { readonly cluster: string; readonly services: readonly Service[] };

async function deployed({ definitions }: ServiceDeps, at: Registry, { cluster, services }: InCluster) {
  const items: UsageItem[] = [];
  for (const service of services) {
    for (const definition of definitionsOf(service)) {
      for (const image of await definitions.imagesOf(at, definition))
        items.push({ image, kind: "template", ...placeOf(at, cluster, service) });
    }
  }
  return items;
}

async function rollbacks(
  { definitions }: ServiceDeps,
  at: Registry,
  { services, revisions }: { readonly services: readonly Service[]; readonly revisions: number },
) {
  const items: UsageItem[] = [];
  for (const family of new Set(services.flatMap(definitionsOf).map(familyName))) {
    for (const definition of await definitions.lastRevisions(at, family, revisions)) {
      const service = keyText(`task-definition/${definitionName(definition)}`);
      for (const image of await definitions.imagesOf(at, definition))
        items.push({ image, kind: "template", account: at.account, region: at.region, service });
    }
  }
  return items;
}

function definitionsOf({ taskDefinition, deployments, taskSets }: Service): readonly string[] {
  const named = [taskDefinition, ...[...deployments, ...taskSets].map((it) => it.taskDefinition)];
  return [...new Set(named.filter((it) => it !== undefined))];
}
