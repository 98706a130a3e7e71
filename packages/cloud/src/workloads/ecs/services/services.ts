import * as z from "zod";
import { AwsError } from "../../../http/aws-service.ts";
import { arnIn } from "../arns.ts";
import {
  activeCluster,
  clusterArnOf,
  type EcsCaller,
  type EcsContext,
  invalid,
  permit,
  serviceNotFound,
} from "../ecs-call.ts";
import { LaunchTypeInput, Paging, Strategy } from "../inputs.ts";
import type { Service, TaskDefinition } from "../model.ts";
import { pageOf } from "../paging.ts";
import { launchTypeOf } from "../run-task.ts";
import { activeDefinition, DeploymentConfiguration, deploymentConfigurationOf } from "./create-service.ts";
import { beginDeployment } from "./new-deployment.ts";
import { serviceView } from "./service-view.ts";

export const UpdateService = z.object({
  cluster: z.string().optional(),
  service: z.string(),
  desiredCount: z.number().int().min(0).optional(),
  taskDefinition: z.string().optional(),
  forceNewDeployment: z.boolean().default(false),
  capacityProviderStrategy: Strategy,
  launchType: LaunchTypeInput,
  platformVersion: z.string().optional(),
  networkConfiguration: z.unknown().optional(),
  deploymentConfiguration: DeploymentConfiguration,
});
type Update = z.infer<typeof UpdateService>;

/** Another definition, platform or network is a new deployment, and so is `forceNewDeployment`; a count is none. */
export function updateService(context: EcsContext, caller: EcsCaller, input: Update): object {
  const { core, scheduler } = context;
  const service = permittedService(context, caller, { ...input, action: "ecs:UpdateService" });
  if (service.status !== "ACTIVE") throw new AwsError("ServiceNotActiveException", "Service was not ACTIVE.");
  const updated = withSettings(context, caller, { service, input });
  const deploys =
    input.forceNewDeployment ||
    updated.taskDefinition !== service.taskDefinition ||
    [input.networkConfiguration, input.platformVersion, input.capacityProviderStrategy].some(
      (one) => one !== undefined,
    );
  const { taskDefinition, serviceArn } = updated;
  const changed = deploys
    ? beginDeployment(core, updated, { taskDefinition })
    : core.state.services.set(withCount(updated));
  scheduler.wake(serviceArn);
  return { service: serviceView(core, changed, { withTags: true }) };
}

function withSettings(
  context: EcsContext,
  caller: EcsCaller,
  { service, input }: { readonly service: Service; readonly input: Update },
): Service {
  const definition = definitionFor(context, caller, { service, input });
  if (input.desiredCount !== undefined && service.schedulingStrategy === "DAEMON")
    throw invalid("The daemon scheduling strategy does not support a desired count.");
  const { networkConfiguration = service["networkConfiguration"], capacityProviderStrategy } = input;
  const launchType = capacityProviderStrategy ? undefined : (input.launchType ?? service.launchType);
  const given = input.deploymentConfiguration;
  return {
    ...service,
    taskDefinition: definition.taskDefinitionArn,
    desiredCount: input.desiredCount ?? service.desiredCount,
    launchType: launchTypeOf(definition, { launchType, capacityProviderStrategy, networkConfiguration }),
    ...(networkConfiguration !== undefined && { networkConfiguration }),
    ...(capacityProviderStrategy && { capacityProviderStrategy }),
    ...(input.platformVersion !== undefined && { platformVersion: input.platformVersion }),
    deploymentConfiguration: deploymentConfigurationOf(
      { ...service.deploymentConfiguration, ...given },
      service.schedulingStrategy === "DAEMON",
    ),
  };
}

/** Another one must be active; its own may have been deregistered since. */
function definitionFor(
  context: EcsContext,
  caller: EcsCaller,
  { service, input }: { readonly service: Service; readonly input: Update },
): TaskDefinition {
  const own = context.core.state.taskDefinitions.get(service.taskDefinition);
  return own && input.taskDefinition === undefined
    ? own
    : activeDefinition(context, caller, input.taskDefinition ?? service.taskDefinition);
}

function withCount(service: Service): Service {
  const { desiredCount, deployments } = service;
  return {
    ...service,
    deployments: deployments.map((one) => (one.status === "PRIMARY" ? { ...one, desiredCount } : one)),
  };
}

export const DeleteService = z.object({
  cluster: z.string().optional(),
  service: z.string(),
  force: z.boolean().default(false),
});

export function deleteService(
  context: EcsContext,
  caller: EcsCaller,
  input: z.infer<typeof DeleteService>,
): object {
  const { core, scheduler } = context;
  const service = permittedService(context, caller, { ...input, action: "ecs:DeleteService" });
  if (service.status !== "ACTIVE") throw new AwsError("ServiceNotActiveException", "Service was not ACTIVE.");
  if (service.desiredCount > 0 && !input.force && service.schedulingStrategy === "REPLICA")
    throw invalid("The service cannot be stopped while it is scaled above 0.");
  const drained = core.state.services.set({
    ...withCount({ ...service, desiredCount: 0 }),
    status: "DRAINING",
  });
  scheduler.wake(service.serviceArn);
  return { service: serviceView(core, drained) };
}

function permittedService(
  context: EcsContext,
  caller: EcsCaller,
  {
    cluster,
    service,
    action,
  }: { readonly cluster?: string | undefined; readonly service: string; readonly action: string },
): Service {
  const clusterArn = clusterArnOf(caller, cluster);
  const resource = arnIn(clusterArn, "service", service);
  permit(context, caller, { action, resource, clusterArn });
  activeCluster(context, caller, clusterArn);
  const found = context.core.state.services.get(resource);
  if (!found || found.status === "INACTIVE") throw serviceNotFound();
  return found;
}

export const DescribeServices = z.object({
  cluster: z.string().optional(),
  services: z
    .array(z.string())
    .min(1, "Services cannot be empty.")
    .max(10, "Services cannot be more than 10."),
  include: z.array(z.string()).default([]),
});

export function describeServices(
  context: EcsContext,
  caller: EcsCaller,
  input: z.infer<typeof DescribeServices>,
): object {
  const clusterArn = clusterArnOf(caller, input.cluster);
  const arns = input.services.map((service) => arnIn(clusterArn, "service", service));
  for (const resource of arns)
    permit(context, caller, { action: "ecs:DescribeServices", resource, clusterArn });
  activeCluster(context, caller, clusterArn);
  const withTags = input.include.includes("TAGS");
  const services: object[] = [];
  const failures: object[] = [];
  for (const arn of arns) {
    const service = context.core.state.services.get(arn);
    if (service) services.push(serviceView(context.core, service, { withTags }));
    else failures.push({ arn, reason: "MISSING" });
  }
  return { services, failures };
}

export const ListServices = z.object({
  cluster: z.string().optional(),
  launchType: z.enum(["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"]).optional(),
  schedulingStrategy: z.enum(["REPLICA", "DAEMON"]).optional(),
  ...Paging,
  /** Pages of services are ten unless asked for more. */
  maxResults: z.number().int().min(1).max(100).default(10),
});

export function listServices(
  context: EcsContext,
  caller: EcsCaller,
  input: z.infer<typeof ListServices>,
): object {
  const clusterArn = clusterArnOf(caller, input.cluster);
  permit(context, caller, { action: "ecs:ListServices", resource: "*", clusterArn });
  activeCluster(context, caller, clusterArn);
  const wanted = (service: Service) =>
    service.status !== "INACTIVE" &&
    (input.launchType === undefined || service.launchType === input.launchType) &&
    (input.schedulingStrategy === undefined || service.schedulingStrategy === input.schedulingStrategy);
  const { items, ...next } = pageOf(context.core.state.services, clusterArn, { request: input, wanted });
  return { serviceArns: items.map(({ serviceArn }) => serviceArn), ...next };
}
