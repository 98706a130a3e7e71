import * as z from "zod";
import { AwsError } from "../../../http/aws-service.ts";
import { type EcsCaller, type EcsContext, invalid } from "../ecs-call.ts";
import { LaunchTypeInput, Strategy } from "../inputs.ts";
import type { Service, TaskDefinition } from "../model.ts";
import { launchTypeOf } from "../run-task.ts";
import { permittedService, withCount } from "./changed-service.ts";
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
