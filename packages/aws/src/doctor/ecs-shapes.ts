import type { EcsWorkload, LaunchType, TaskDefinitionFacts } from "@tallyman/domain/doctor/facts";
import { uniqueBy } from "@tallyman/domain/doctor/unique-by";
import * as z from "@tallyman/domain/zod";

// What ECS answers, as far as it is read. All members are optional in the model.
const text = z.string();
const maybeText = z.optional(text);
const Provider = z.object({ capacityProvider: maybeText });
const providers = z._default(z.array(Provider), []);
const Deployment = z.object({ taskDefinition: maybeText, status: maybeText });

export const Service = z.object({
  serviceName: text,
  status: maybeText,
  launchType: maybeText,
  capacityProviderStrategy: providers,
  taskDefinition: maybeText,
  deployments: z._default(z.array(Deployment), []),
  taskSets: z._default(z.array(Deployment), []),
});

export function serviceWorkload(cluster: string, service: z.infer<typeof Service>): EcsWorkload {
  const { serviceName, taskDefinition, deployments, taskSets, launchType, capacityProviderStrategy } =
    service;
  const definitions = [taskDefinition, ...[...deployments, ...taskSets].map((it) => it.taskDefinition)];
  return {
    kind: "service",
    cluster,
    name: serviceName,
    taskDefinitions: [...new Set(definitions.filter((it) => it !== undefined))],
    launchType: launchTypeOf(launchType, capacityProviderStrategy[0]?.capacityProvider),
  };
}

export const Task = z.object({
  taskDefinitionArn: text,
  group: maybeText,
  launchType: maybeText,
  capacityProviderName: maybeText,
});

/** Tasks that no service started: one for each definition and kind of place. */
export function taskWorkloads(
  cluster: string,
  tasks: readonly z.infer<typeof Task>[],
): readonly EcsWorkload[] {
  const alone = tasks.filter(({ group }) => !group?.startsWith("service:"));
  const workloads = alone.map(
    ({ taskDefinitionArn, launchType, capacityProviderName }): EcsWorkload => ({
      kind: "task",
      cluster,
      name: revisionOf(taskDefinitionArn),
      taskDefinitions: [taskDefinitionArn],
      launchType: launchTypeOf(launchType, capacityProviderName),
    }),
  );
  return uniqueBy(workloads, ({ name, launchType }) => `${name} ${launchType}`);
}

/** `web:7` */
function revisionOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

function launchTypeOf(launchType: string | undefined, provider: string | undefined): LaunchType {
  if (launchType === "FARGATE" || launchType === "EXTERNAL") return launchType;
  return provider?.startsWith("FARGATE") ? "FARGATE" : "EC2";
}

const Container = z.object({ name: z._default(text, ""), image: z._default(text, "") });
const Definition = z.object({
  family: text,
  revision: z.number(),
  executionRoleArn: maybeText,
  containerDefinitions: z.array(Container),
});

export const TaskDefinition = z.pipe(
  z.object({ taskDefinition: Definition }),
  z.transform(({ taskDefinition: it }): TaskDefinitionFacts => {
    const { family, revision, executionRoleArn, containerDefinitions } = it;
    return {
      name: `${family}:${revision}`,
      ...(executionRoleArn !== undefined && { executionRole: executionRoleArn }),
      containers: containerDefinitions,
    };
  }),
);

const Instance = z.object({
  containerInstanceArn: text,
  ec2InstanceId: maybeText,
  versionInfo: z.optional(z.object({ agentVersion: maybeText })),
});

/** Instances outside of AWS (`mi-...`) are registered through Systems Manager. */
export const InstanceFacts = z.pipe(
  Instance,
  z.transform(({ containerInstanceArn, ec2InstanceId, versionInfo }) => ({
    id: containerInstanceArn.slice(containerInstanceArn.lastIndexOf("/") + 1),
    ...(ec2InstanceId?.startsWith("i-") && { ec2Instance: ec2InstanceId }),
    ...(versionInfo?.agentVersion !== undefined && { agentVersion: versionInfo.agentVersion }),
  })),
);
