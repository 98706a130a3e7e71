import * as z from "zod";
import { ecsArn } from "./arns.ts";
import {
  clientError,
  type EcsCaller,
  type EcsContext,
  permit,
  permitTags,
  permitToPass,
} from "./ecs-call.ts";
import { nowOf } from "./ecs-core.ts";
import { isFargateSize } from "./fargate-sizes.ts";
import { Tags } from "./inputs.ts";
import type { ContainerDefinition, TaskDefinition } from "./model.ts";
import { isEcrImage } from "./pull/image-source.ts";
import { answerView } from "./views.ts";

const Container = z.looseObject({
  name: z.string().regex(/^[\w-]{1,255}$/, "Invalid container name"),
  image: z.string().min(1).max(1024),
  cpu: z.number().int().min(0).default(0),
  memory: z.number().int().positive().optional(),
  memoryReservation: z.number().int().positive().optional(),
  essential: z.boolean().default(true),
  portMappings: z.array(z.unknown()).default([]),
  environment: z.array(z.unknown()).default([]),
  mountPoints: z.array(z.unknown()).default([]),
  volumesFrom: z.array(z.unknown()).default([]),
  systemControls: z.array(z.unknown()).default([]),
  versionConsistency: z.enum(["enabled", "disabled"]).optional(),
});

export const RegisterTaskDefinition = z.looseObject({
  family: z.string().regex(/^[\w-]{1,255}$/, "Family contains invalid characters."),
  containerDefinitions: z.array(Container).min(1).max(10),
  networkMode: z.enum(["bridge", "host", "awsvpc", "none"]).optional(),
  executionRoleArn: z.string().optional(),
  taskRoleArn: z.string().optional(),
  requiresCompatibilities: z.array(z.enum(["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"])).optional(),
  cpu: z.string().optional(),
  memory: z.string().optional(),
  runtimePlatform: z
    .object({
      cpuArchitecture: z.enum(["X86_64", "ARM64"]).optional(),
      operatingSystemFamily: z.string().optional(),
    })
    .optional(),
  tags: Tags,
});
type Input = z.infer<typeof RegisterTaskDefinition>;

export function registerTaskDefinition(context: EcsContext, caller: EcsCaller, input: Input): object {
  const { family } = input;
  const resource = ecsArn(caller, `task-definition/${family}:*`);
  permit(context, caller, { action: "ecs:RegisterTaskDefinition", resource });
  permitTags(context, caller, { by: "RegisterTaskDefinition", resource, tags: input.tags });
  check(input);
  const roles = [roleArn(caller, input.executionRoleArn), roleArn(caller, input.taskRoleArn)];
  permitToPass(context, caller, roles);
  const definition = context.core.state.taskDefinitions.set(definitionOf(context, caller, { input, roles }));
  return { taskDefinition: answerView(definition), tags: input.tags };
}

function definitionOf(
  { core }: EcsContext,
  caller: EcsCaller,
  { input, roles }: { readonly input: Input; readonly roles: readonly (string | undefined)[] },
): TaskDefinition {
  const { tags, family, containerDefinitions, networkMode, requiresCompatibilities = [], ...rest } = input;
  const revision = lastRevision({ core }, caller, family) + 1;
  const [executionRoleArn, taskRoleArn] = roles;
  const onFargate = networkMode === "awsvpc" && input.cpu !== undefined && input.memory !== undefined;
  return {
    ...rest,
    taskDefinitionArn: ecsArn(caller, `task-definition/${family}:${revision}`),
    ...{ family, revision, status: "ACTIVE", executionRoleArn, taskRoleArn },
    containerDefinitions: containerDefinitions as readonly ContainerDefinition[],
    volumes: input["volumes"] ?? [],
    placementConstraints: input["placementConstraints"] ?? [],
    ...(networkMode && { networkMode }),
    compatibilities: onFargate ? ["EC2", "FARGATE"] : ["EC2"],
    ...(requiresCompatibilities.length > 0 && { requiresCompatibilities }),
    requiresAttributes: attributesOf(input),
    registeredAt: nowOf(core),
    registeredBy: caller.caller.arn,
    internal: { tags },
  } as TaskDefinition;
}

/** Revisions are never used twice, also when they were deregistered. */
function lastRevision(
  { core }: Pick<EcsContext, "core">,
  { account, region }: EcsCaller,
  family: string,
): number {
  const all = core.state.taskDefinitions.of(`${account}/${region}`);
  return [...all].reduce((last, one) => (one.family === family ? Math.max(last, one.revision) : last), 0);
}

function attributesOf({
  containerDefinitions,
  executionRoleArn,
}: Input): readonly { readonly name: string }[] {
  const ecr = containerDefinitions.some(({ image }) => isEcrImage(image));
  return [
    { name: "com.amazonaws.ecs.capability.docker-remote-api.1.18" },
    ...(ecr ? [{ name: "com.amazonaws.ecs.capability.ecr-auth" }] : []),
    ...(ecr && executionRoleArn ? [{ name: "ecs.capability.execution-role-ecr-pull" }] : []),
  ];
}

/** A role by its ARN, or by its name in the caller's account. @throws AwsError ClientException */
function roleArn({ account }: EcsCaller, role: string | undefined): string | undefined {
  if (role === undefined || role === "") return undefined;
  if (/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(role)) return role;
  if (/^[\w+=,.@-]{1,64}$/.test(role)) return `arn:aws:iam::${account}:role/${role}`;
  throw clientError("Role is not valid");
}

function check(input: Input): void {
  const names = input.containerDefinitions.map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw clientError("Container names in a task definition must be unique.");
  if (!input.containerDefinitions.some(({ essential }) => essential))
    throw clientError("At least one container in a task definition must be essential.");
  if (input.requiresCompatibilities?.includes("FARGATE")) checkFargate(input);
  for (const { name, memory, memoryReservation } of input.containerDefinitions)
    if (input.memory === undefined && memory === undefined && memoryReservation === undefined)
      throw clientError(
        `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
      );
}

function checkFargate({ networkMode, cpu, memory, containerDefinitions, executionRoleArn }: Input): void {
  if (networkMode !== "awsvpc") throw clientError("Fargate only supports network mode ‘awsvpc’.");
  if (cpu === undefined) throw clientError("Fargate requires that 'cpu' be defined at the task level.");
  if (memory === undefined) throw clientError("Fargate requires that 'memory' be defined at the task level.");
  if (!isFargateSize(cpu, memory)) throw clientError("No Fargate configuration exists for given values.");
  if (executionRoleArn === undefined && containerDefinitions.some(({ image }) => isEcrImage(image)))
    throw clientError("Fargate requires task definition to have execution role ARN to support ECR images.");
}
