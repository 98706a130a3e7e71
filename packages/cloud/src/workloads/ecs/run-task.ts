import * as z from "zod";
import { AwsError } from "../../http/aws-service.ts";
import { ecsArn } from "./arns.ts";
import { assumeExecutionRole } from "./credentials.ts";
import {
  activeCluster,
  clientError,
  clusterArnOf,
  type EcsCaller,
  type EcsContext,
  invalid,
  permit,
  permitTags,
  permitToPass,
} from "./ecs-call.ts";
import { LaunchTypeInput, Strategy, Tags } from "./inputs.ts";
import type { Cluster, LaunchType, Task, TaskDefinition } from "./model.ts";
import { createTask } from "./new-task.ts";
import { type PlacementFailure, placeTask, requireInstances } from "./placement.ts";
import { findTaskDefinition } from "./task-definitions.ts";
import { taskView } from "./task-view.ts";

export const RunTask = z.object({
  cluster: z.string().optional(),
  taskDefinition: z.string(),
  count: z.number().int().min(1).max(10).default(1),
  launchType: LaunchTypeInput,
  capacityProviderStrategy: Strategy,
  group: z.string().max(255).optional(),
  startedBy: z.string().max(128).optional(),
  networkConfiguration: z.unknown().optional(),
  overrides: z
    .looseObject({ executionRoleArn: z.string().optional(), taskRoleArn: z.string().optional() })
    .optional(),
  platformVersion: z.string().optional(),
  tags: Tags,
  clientToken: z.string().max(64).optional(),
});
export type RunTaskInput = z.infer<typeof RunTask>;

/** Starts tasks: they are answered as they are written down, and come up afterwards. */
export function runTask(context: EcsContext, caller: EcsCaller, input: RunTaskInput): object {
  const definition = permittedDefinition(context, caller, input);
  const cluster = activeCluster(context, caller, input.cluster);
  permitTags(context, caller, {
    by: "RunTask",
    resource: ecsArn(caller, `task/${cluster.clusterName}/*`),
    tags: input.tags,
  });
  if (input.group?.startsWith("service:")) throw invalid("Invalid namespace for group.");
  const launchType = launchTypeOf(definition, input);
  requireInstances(context.core, cluster, launchType);
  requireRole(context, { definition, launchType, input });
  const known = startedBefore(context, cluster, input);
  if (known) return { tasks: known.map((task) => taskView(task)), failures: [] };
  const { tasks, failures } = start(context, { cluster, definition, launchType, input });
  if (input.clientToken !== undefined) context.tokens.remember(cluster, input, tasks);
  return { tasks: tasks.map((task) => taskView(task)), failures };
}

function permittedDefinition(context: EcsContext, caller: EcsCaller, input: RunTaskInput): TaskDefinition {
  const definition = findTaskDefinition(context, caller, input.taskDefinition);
  const resource = definition?.taskDefinitionArn ?? input.taskDefinition;
  const clusterArn = clusterArnOf(caller, input.cluster);
  permit(context, caller, { action: "ecs:RunTask", resource, clusterArn });
  if (!definition) throw clientError("TaskDefinition not found.");
  if (definition.status !== "ACTIVE") throw clientError("TaskDefinition is inactive");
  const { overrides = {} } = input;
  permitToPass(context, caller, [
    overrides.executionRoleArn ?? definition.executionRoleArn,
    overrides.taskRoleArn ?? definition.taskRoleArn,
  ]);
  return definition;
}

/** What a request and a definition come to. @throws AwsError InvalidParameterException */
export function launchTypeOf(
  { compatibilities, networkMode }: TaskDefinition,
  request: Pick<RunTaskInput, "launchType" | "capacityProviderStrategy" | "networkConfiguration">,
): LaunchType {
  const providers = request.capacityProviderStrategy ?? [];
  if (request.launchType && providers.length > 0)
    throw invalid(
      "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    );
  const onFargate = providers.some(({ capacityProvider }) => /^FARGATE(_SPOT)?$/.test(capacityProvider));
  const launchType = onFargate ? "FARGATE" : (request.launchType ?? "EC2");
  if (launchType !== "EC2" && launchType !== "FARGATE")
    throw invalid(`This cloud has no launch type ${launchType}.`);
  if (!compatibilities.includes(launchType))
    throw invalid(`Task definition does not support launch_type ${launchType}.`);
  if (networkMode === "awsvpc" && !request.networkConfiguration)
    throw invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  return launchType;
}

/** ECS tries the execution role before it starts a task on Fargate. @throws AwsError ClientException */
function requireRole(
  { core }: EcsContext,
  {
    definition,
    launchType,
    input,
  }: { readonly definition: TaskDefinition; readonly launchType: LaunchType; readonly input: RunTaskInput },
): void {
  const role = input.overrides?.executionRoleArn ?? definition.executionRoleArn;
  if (launchType === "FARGATE" && role !== undefined) assumeExecutionRole(core, role, "check");
}

/** The tasks of an earlier request with the same token. @throws AwsError ConflictException for another request with it */
function startedBefore(
  context: EcsContext,
  cluster: Cluster,
  input: RunTaskInput,
): readonly Task[] | undefined {
  if (input.clientToken === undefined) return undefined;
  const earlier = context.tokens.find(cluster, input);
  if (!earlier) return undefined;
  if (earlier.same) return earlier.arns.flatMap((arn) => context.core.state.tasks.get(arn) ?? []);
  throw new AwsError(
    "ConflictException",
    "The provided clientToken is already in use with a different RunTask request.",
    400,
    { resourceIds: earlier.arns },
  );
}

function start(
  context: EcsContext,
  {
    cluster,
    definition,
    launchType,
    input,
  }: {
    readonly cluster: Cluster;
    readonly definition: TaskDefinition;
    readonly launchType: LaunchType;
    readonly input: RunTaskInput;
  },
): { readonly tasks: readonly Task[]; readonly failures: readonly PlacementFailure[] } {
  const tasks: Task[] = [];
  const { startedBy, overrides, tags, platformVersion } = input;
  const version = platformVersion === "LATEST" ? undefined : platformVersion;
  const group = input.group ?? `family:${definition.family}`;
  for (let n = 0; n < input.count; n++) {
    const place = placeTask(context.core, { cluster, definition, launchType });
    if ("failures" in place) return { tasks, failures: place.failures };
    const task = createTask(context.core, {
      ...{
        cluster,
        definition,
        launchType,
        group,
        startedBy,
        tags,
        platformVersion: version,
        instance: place.instance,
      },
      ...(overrides && { overrides }),
      capacityProviderName: input.capacityProviderStrategy?.[0]?.capacityProvider,
    });
    tasks.push(task);
    void context.launcher.launch(task);
  }
  return { tasks, failures: [] };
}
