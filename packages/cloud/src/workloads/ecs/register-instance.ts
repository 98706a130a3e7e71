import * as z from "zod";
import { ecsArn, nameOf } from "./arns.ts";
import {
  activeCluster,
  clientError,
  clusterArnOf,
  type EcsCaller,
  type EcsContext,
  permit,
  permitTags,
} from "./ecs-call.ts";
import { nowOf } from "./ecs-core.ts";
import { Tags } from "./inputs.ts";
import { instanceView } from "./instance-view.ts";
import type { Cluster, ContainerInstance } from "./model.ts";

/** The default role of an instance, in its account. */
const DEFAULT_ROLE = "ecsInstanceRole";

export const RegisterContainerInstance = z.object({
  cluster: z.string().optional(),
  instanceIdentityDocument: z.string().optional(),
  containerInstanceArn: z.string().optional(),
  versionInfo: z
    .object({
      agentVersion: z.string().optional(),
      agentHash: z.string().optional(),
      dockerVersion: z.string().optional(),
    })
    .default({}),
  totalResources: z.array(z.unknown()).default([]),
  attributes: z.array(z.unknown()).default([]),
  tags: Tags,
});
type Input = z.infer<typeof RegisterContainerInstance>;

/** `iamRole` is ours: EC2's document has none, since there the agent calls as the role that it has. */
const IdentityDocument = z.looseObject({ instanceId: z.string().optional(), iamRole: z.string().optional() });

/** Of an instance of which nothing is said, and of one whose agent was updated. */
export const LATEST_AGENT = "1.99.0";

/**
 * What the agent calls when an instance starts. The instance's role is the caller's, when that is a session of a role, as an
 * agent's is; for a person who registers one, the role of the identity document's `iamRole`, or `ecsInstanceRole`.
 */
export function registerContainerInstance(context: EcsContext, caller: EcsCaller, input: Input): object {
  const { core, scheduler } = context;
  const clusterArn = clusterArnOf(caller, input.cluster);
  permit(context, caller, { action: "ecs:RegisterContainerInstance", resource: clusterArn });
  const cluster = activeCluster(context, caller, clusterArn);
  permitTags(context, caller, {
    by: "RegisterContainerInstance",
    resource: ecsArn(cluster, `container-instance/${cluster.clusterName}/*`),
    tags: input.tags,
  });
  const document = documentOf(input);
  const roleArn = instanceRole(context, caller, document.iamRole);
  const existing = input.containerInstanceArn && core.state.instances.get(input.containerInstanceArn);
  const instance = core.state.instances.set({
    ...(existing || newInstance(context, cluster, { input, instanceId: document.instanceId })),
    versionInfo: { ...input.versionInfo, agentVersion: input.versionInfo.agentVersion ?? LATEST_AGENT },
    ...{ status: "ACTIVE", agentConnected: true },
    internal: { tags: input.tags, roleArn },
  });
  scheduler.wakeCluster(clusterArn);
  return { containerInstance: instanceView(core, instance) };
}

function newInstance(
  { core }: EcsContext,
  cluster: Cluster,
  { input, instanceId }: { readonly input: Input; readonly instanceId: string | undefined },
): ContainerInstance {
  const id = core.newId().replaceAll("-", "");
  const { totalResources, attributes } = input;
  return {
    containerInstanceArn: ecsArn(cluster, `container-instance/${cluster.clusterName}/${id}`),
    clusterArn: cluster.clusterArn,
    ec2InstanceId: instanceId ?? `i-${id.slice(0, 17)}`,
    ...{ version: 1, versionInfo: { agentVersion: LATEST_AGENT }, status: "ACTIVE", agentConnected: true },
    ...{
      remainingResources: totalResources,
      registeredResources: totalResources,
      attributes,
      attachments: [],
    },
    registeredAt: nowOf(core),
    internal: { tags: [], roleArn: "" },
  };
}

/** Whoever is not the instance itself must be allowed to give it that role. */
function instanceRole(context: EcsContext, caller: EcsCaller, named: string | undefined): string {
  const [, account, role] = /^arn:aws:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(caller.caller.arn) ?? [];
  if (named === undefined && role !== undefined) return `arn:aws:iam::${account}:role/${role}`;
  const wanted = named ?? DEFAULT_ROLE;
  const resource = wanted.startsWith("arn:")
    ? wanted
    : `arn:aws:iam::${caller.account}:role/${nameOf(wanted)}`;
  permit(context, caller, {
    action: "iam:PassRole",
    resource,
    context: { "iam:passedtoservice": "ec2.amazonaws.com" },
  });
  return resource;
}

function documentOf({ instanceIdentityDocument }: Input): z.infer<typeof IdentityDocument> {
  if (instanceIdentityDocument === undefined) return {};
  try {
    return IdentityDocument.parse(JSON.parse(instanceIdentityDocument));
  } catch {
    throw clientError("Invalid identity document.");
  }
}
