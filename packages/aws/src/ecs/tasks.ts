import { DescribeTasksCommand, type ECSClient, ListTasksCommand } from "@aws-sdk/client-ecs";
import { Digest } from "@tallyman/domain/image/digest";
import type { Registry } from "@tallyman/domain/registry/registry";
import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import type { UsageItem } from "@tallyman/domain/usage/evidence";
import * as z from "@tallyman/domain/zod";
import type { ClientsAt } from "../sts/clients-at.ts";
import { askIfThere, askUsage } from "../usage/ask-usage.ts";
import { clusterName, serviceOfGroup } from "./arns.ts";
import { afterCluster, type ClusterCursor, type EcsCursor, withoutCluster } from "./cursor.ts";

/** ECS lists so many tasks at once, and describes as many. */
const PAGE = 100;

const text = z.string();
const maybeText = z.optional(text);

const LISTED = {
  action: "ecs:ListTasks",
  schema: z.object({ taskArns: z.array(text), nextToken: maybeText }),
  gone: "ClusterNotFoundException",
} as const;

const Container = z.object({ image: maybeText, imageDigest: maybeText });
const Task = z.object({
  lastStatus: text,
  group: maybeText,
  taskDefinitionArn: text,
  stoppedAt: z.optional(z.date()),
  containers: z.array(Container),
});
type Task = z.infer<typeof Task>;

const DESCRIBED = {
  action: "ecs:DescribeTasks",
  schema: z.object({
    tasks: z.array(Task),
    failures: z._default(z.array(z.object({ reason: maybeText })), []),
  }),
} as const;

export type Collected = { readonly items: readonly UsageItem[]; readonly next?: EcsCursor };

/** A page of a cluster's tasks: those that are to run, or those that are to stop, which ECS shows for about an hour. */
export async function collectTasks(
  clients: ClientsAt<ECSClient>,
  at: Registry,
  cursor: ClusterCursor,
): Promise<Collected> {
  const [cluster = ""] = cursor.clusters;
  const desiredStatus = cursor.step === "running" ? "RUNNING" : "STOPPED";
  const input = { cluster, desiredStatus, maxResults: PAGE, nextToken: cursor.token } as const;
  const listed = await askIfThere(at, LISTED, () => clients(at).send(new ListTasksCommand(input)));
  if (!listed) return { items: [], next: withoutCluster(cursor) };
  const next = afterCluster(cursor, listed.nextToken);
  if (listed.taskArns.length === 0) return { items: [], next };
  const tasks = await describe(clients, at, { cluster, tasks: listed.taskArns });
  return { items: tasks.flatMap((task) => itemsOf(at, cluster, task)), next };
}

async function describe(
  clients: ClientsAt<ECSClient>,
  at: Registry,
  input: { readonly cluster: string; readonly tasks: string[] },
): Promise<readonly Task[]> {
  const answer = await askUsage(at, DESCRIBED, () => clients(at).send(new DescribeTasksCommand(input)));
  // MISSING: it stopped so long ago that ECS forgot it since it was listed.
  const failure = answer.failures.find(({ reason }) => reason !== "MISSING");
  if (failure) throw new UsageUnavailableError(at, { action: DESCRIBED.action, why: failure.reason ?? "" });
  return answer.tasks;
}

function itemsOf(at: Registry, cluster: string, task: Task): readonly UsageItem[] {
  const stopped = task.lastStatus === "STOPPED";
  const place = {
    account: at.account,
    region: at.region,
    cluster: clusterName(cluster),
    service: serviceOfGroup(task.group, task.taskDefinitionArn),
  };
  const seenAt = stopped && task.stoppedAt ? { seenAt: task.stoppedAt.toISOString() } : {};
  return task.containers.flatMap(({ image, imageDigest }) => {
    // Containers that ECS adds by itself have no image name: they are not the customer's.
    if (!image) return [];
    const kind = stopped ? "stopped" : "running";
    return [{ image, ...digestOf(imageDigest), kind, ...place, ...seenAt } satisfies UsageItem];
  });
}

/** Of a registry other than ECR it may be anything. */
function digestOf(imageDigest: string | undefined): { readonly digest?: string } {
  const parsed = Digest.safeParse(imageDigest);
  return parsed.success ? { digest: parsed.data } : {};
}
