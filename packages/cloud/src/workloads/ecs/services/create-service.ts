import * as z from "zod";
import { ecsArn } from "../arns.ts";
import {
  activeCluster,
  clientError,
  clusterArnOf,
  type EcsCaller,
  type EcsContext,
  invalid,
  permit,
  permitTags,
} from "../ecs-call.ts";
import { nowOf } from "../ecs-core.ts";
import { LaunchTypeInput, Strategy, Tags } from "../inputs.ts";
import type { Cluster, Service, TaskDefinition } from "../model.ts";
import { launchTypeOf } from "../run-task.ts";
import { findTaskDefinition } from "../task-definitions.ts";
import { beginDeployment } from "./new-deployment.ts";
import { serviceView } from "./service-view.ts";

export const DeploymentConfiguration = z
  .object({
    deploymentCircuitBreaker: z.object({ enable: z.boolean(), rollback: z.boolean() }).optional(),
    maximumPercent: z.number().int().min(0).optional(),
    minimumHealthyPercent: z.number().int().min(0).max(100).optional(),
  })
  .optional();

export const CreateService = z.looseObject({
  cluster: z.string().optional(),
  serviceName: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,255}$/, "Service name should match regex: ^[a-zA-Z0-9_-]{1,255}$"),
  taskDefinition: z.string("TaskDefinition can not be blank."),
  desiredCount: z.number().int().min(0).default(0),
  launchType: LaunchTypeInput,
  capacityProviderStrategy: Strategy,
  platformVersion: z.string().optional(),
  networkConfiguration: z.unknown().optional(),
  deploymentConfiguration: DeploymentConfiguration,
  schedulingStrategy: z.enum(["REPLICA", "DAEMON"]).default("REPLICA"),
  deploymentController: z.object({ type: z.string() }).default({ type: "ECS" }),
  propagateTags: z.enum(["TASK_DEFINITION", "SERVICE", "NONE"]).optional(),
  clientToken: z.string().max(64).optional(),
  tags: Tags,
});
type Input = z.infer<typeof CreateService>;

export function createService(context: EcsContext, caller: EcsCaller, input: Input): object {
  const { core, scheduler } = context;
  const clusterArn = clusterArnOf(caller, input.cluster);
  const cluster = nameOfCluster(clusterArn);
  const serviceArn = ecsArn(caller, `service/${cluster}/${input.serviceName}`);
  permit(context, caller, { action: "ecs:CreateService", resource: serviceArn, clusterArn });
  permitTags(context, caller, { by: "CreateService", resource: serviceArn, tags: input.tags });
  const into = activeCluster(context, caller, clusterArn);
  const definition = activeDefinition(context, caller, input.taskDefinition);
  const launchType = checked(input, definition);
  const wished = newService({ core }, { caller, cluster: into, definition, input: { ...input, launchType } });
  const existing = core.state.services.get(serviceArn);
  if (existing?.status === "ACTIVE") return { service: serviceView(core, idempotent(existing, wished)) };
  const service = beginDeployment(core, wished, { taskDefinition: definition.taskDefinitionArn });
  scheduler.wake(serviceArn);
  return { service: serviceView(core, service, { withTags: true }) };
}

function nameOfCluster(clusterArn: string): string {
  return clusterArn.slice(clusterArn.lastIndexOf("/") + 1);
}

/** @throws AwsError ClientException */
export function activeDefinition(context: EcsContext, caller: EcsCaller, name: string): TaskDefinition {
  const definition = findTaskDefinition(context, caller, name);
  if (!definition) throw clientError("TaskDefinition not found.");
  if (definition.status !== "ACTIVE") throw clientError("TaskDefinition is inactive");
  return definition;
}

function checked(input: Input, definition: TaskDefinition): Service["launchType"] {
  if (input.deploymentController.type !== "ECS")
    throw invalid(`This cloud has no deployment controller ${input.deploymentController.type}.`);
  const launchType = launchTypeOf(definition, input);
  if (input.schedulingStrategy === "DAEMON" && launchType === "FARGATE")
    throw invalid("The daemon scheduling strategy is not supported for Fargate launch type.");
  return launchType;
}

/** A service of that name that is the same already is answered as it is. @throws AwsError InvalidParameterException */
function idempotent(existing: Service, wished: Service): Service {
  const same =
    existing.taskDefinition === wished.taskDefinition &&
    existing.desiredCount === wished.desiredCount &&
    existing.launchType === wished.launchType &&
    existing.schedulingStrategy === wished.schedulingStrategy &&
    JSON.stringify(existing.deploymentConfiguration) === JSON.stringify(wished.deploymentConfiguration);
  if (!same) throw invalid("Creation of service was not idempotent.");
  return existing;
}

type Wish = {
  readonly caller: EcsCaller;
  readonly cluster: Cluster;
  readonly definition: TaskDefinition;
  readonly input: Input & { readonly launchType: Service["launchType"] };
};

function newService(
  { core }: Pick<EcsContext, "core">,
  { caller, cluster, definition, input }: Wish,
): Service {
  const {
    cluster: _name,
    clientToken: _token,
    tags,
    propagateTags,
    taskDefinition: _definition,
    ...kept
  } = input;
  const daemon = input.schedulingStrategy === "DAEMON";
  return {
    ...kept,
    ...{ loadBalancers: [], serviceRegistries: [], placementConstraints: [], placementStrategy: [] },
    ...stated(kept),
    serviceArn: ecsArn(caller, `service/${cluster.clusterName}/${input.serviceName}`),
    clusterArn: cluster.clusterArn,
    status: "ACTIVE",
    taskDefinition: definition.taskDefinitionArn,
    ...(input.launchType === "FARGATE" && {
      platformVersion: input.platformVersion ?? "LATEST",
      platformFamily: "Linux",
    }),
    deploymentConfiguration: deploymentConfigurationOf(input.deploymentConfiguration, daemon),
    ...{ deployments: [], events: [], createdAt: nowOf(core), createdBy: caller.caller.arn },
    internal: { tags, propagateTags, failures: 0 },
  };
}

/** What was said of the lists that are otherwise empty. */
function stated(input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const names = ["loadBalancers", "serviceRegistries", "placementConstraints", "placementStrategy"];
  return Object.fromEntries(
    names.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]]])),
  );
}

export function deploymentConfigurationOf(
  given: z.infer<typeof DeploymentConfiguration>,
  daemon: boolean,
): Service["deploymentConfiguration"] {
  return {
    deploymentCircuitBreaker: given?.deploymentCircuitBreaker ?? { enable: false, rollback: false },
    maximumPercent: given?.maximumPercent ?? (daemon ? 100 : 200),
    minimumHealthyPercent: given?.minimumHealthyPercent ?? (daemon ? 0 : 100),
  };
}
