import type { AwsRequest } from "../../http/aws-service.ts";
import { AwsError } from "../../http/aws-service.ts";
import { ecsArn, nameOf } from "./arns.ts";
import type { ClientTokens } from "./client-tokens.ts";
import type { EcsCore } from "./ecs-core.ts";
import type { Launcher } from "./launcher.ts";
import type { Cluster, Tag } from "./model.ts";
import type { ServiceScheduler } from "./services/service-scheduler.ts";

/** Who calls, and where: all that an operation takes from a request beside its input. */
export type EcsCaller = Pick<AwsRequest, "caller" | "account" | "region">;

/** What an operation works with. */
export type EcsContext = {
  readonly core: EcsCore;
  readonly launcher: Launcher;
  readonly scheduler: ServiceScheduler;
  readonly tokens: ClientTokens;
};

/** Asks IAM. `clusterArn` is the condition key `ecs:cluster`. @throws AwsError AccessDeniedException */
export function permit(
  { core }: Pick<EcsContext, "core">,
  { caller, account }: EcsCaller,
  question: {
    readonly action: string;
    readonly resource: string;
    readonly clusterArn?: string;
    readonly context?: Readonly<Record<string, string>>;
  },
): void {
  const { action, resource, clusterArn, context } = question;
  const decision = core.authorize({
    caller,
    action,
    resource,
    resourceAccount: account,
    context: { ...context, ...(clusterArn !== undefined && { "ecs:cluster": clusterArn }) },
  });
  if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message);
}

/** Roles that go with a task: whoever starts it must be allowed to pass them on. */
export function permitToPass(
  context: Pick<EcsContext, "core">,
  caller: EcsCaller,
  roles: readonly (string | undefined)[],
): void {
  for (const resource of new Set(roles))
    if (resource !== undefined)
      permit(context, caller, {
        action: "iam:PassRole",
        resource,
        context: { "iam:passedtoservice": "ecs-tasks.amazonaws.com" },
      });
}

/** Whoever makes something with tags must be allowed to tag it (ECS, "Grant permission to tag resources on creation"). */
export function permitTags(
  context: Pick<EcsContext, "core">,
  caller: EcsCaller,
  made: { readonly by: string; readonly resource: string; readonly tags: readonly Tag[] },
): void {
  if (made.tags.length === 0) return;
  const requested = made.tags.map(
    ({ key, value }) => [`aws:requesttag/${key.toLowerCase()}`, value] as const,
  );
  permit(context, caller, {
    action: "ecs:TagResource",
    resource: made.resource,
    context: { "ecs:createaction": made.by, ...Object.fromEntries(requested) },
  });
}

/** The ARN that a cluster's name, its ARN or nothing (`default`) means. */
export function clusterArnOf(caller: EcsCaller, cluster = "default"): string {
  return cluster.startsWith("arn:") ? cluster : ecsArn(caller, `cluster/${nameOf(cluster)}`);
}

/** The cluster of this account and Region. @throws AwsError ClusterNotFoundException */
export function activeCluster({ core }: Pick<EcsContext, "core">, caller: EcsCaller, name?: string): Cluster {
  const clusterArn = clusterArnOf(caller, name);
  const cluster = core.state.clusters.get(clusterArn);
  const own = cluster?.account === caller.account && cluster.region === caller.region;
  if (!cluster || !own || cluster.status === "INACTIVE")
    throw new AwsError("ClusterNotFoundException", "Cluster not found.");
  return cluster;
}

export function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

export function clientError(message: string): AwsError {
  return new AwsError("ClientException", message);
}

export function serviceNotFound(): AwsError {
  return new AwsError("ServiceNotFoundException", "Service not found.");
}
