import { nameOf } from "../arns.ts";
import type { EcsCore } from "../ecs-core.ts";
import type { Deployment, Service, Task } from "../model.ts";
import { beginDeployment } from "./new-deployment.ts";
import { tellAction, tellDeployment, withDeployment, withEvent } from "./service-changes.ts";

/** From so many failures in a row ECS says that a service is impaired. */
const IMPAIRED = 3;

/** A task of the service runs: what failed before counts no more. */
export function noteSuccess(core: EcsCore, service: Service): void {
  if (service.internal.failures > 0)
    core.state.services.set({ ...service, internal: { ...service.internal, failures: 0 } });
}

/** A task of the service could not be started. The circuit breaker may give its deployment up. */
export function noteFailure(core: EcsCore, service: Service, task: Task): Service {
  const failures = service.internal.failures + 1;
  const deployment = service.deployments.find(({ id }) => id === task.internal.deployment);
  const counted = { ...service, internal: { ...service.internal, failures } };
  const id = deployment?.id ?? "";
  const failedTasks = (deployment?.failedTasks ?? 0) + 1;
  const said = withEvent(
    core,
    withDeployment(core, counted, { id, failedTasks }),
    `(task ${nameOf(task.taskArn)}) failed to start: ${task.stoppedReason}`,
  );
  const noted = core.state.services.set(failures === IMPAIRED ? impaired(core, said) : said);
  if (!deployment || !breaks(noted, { ...deployment, failedTasks })) return noted;
  return giveUp(core, noted, deployment);
}

function impaired(core: EcsCore, service: Service): Service {
  tellAction(core, service, "SERVICE_TASK_START_IMPAIRED");
  return withEvent(
    core,
    service,
    "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
  );
}

/** ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures": half the desired count, 3 to 200. */
function breaks(
  { deploymentConfiguration, deployments, desiredCount }: Service,
  deployment: Deployment,
): boolean {
  if (!deploymentConfiguration.deploymentCircuitBreaker.enable) return false;
  if (deployments[0]?.id !== deployment.id || deployment.rolloutState !== "IN_PROGRESS") return false;
  return deployment.failedTasks >= Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)));
}

function giveUp(core: EcsCore, service: Service, { id }: Deployment): Service {
  const { deploymentConfiguration, internal } = service;
  const reason = "ECS deployment circuit breaker: tasks failed to start.";
  const failed = withDeployment(core, service, { id, rolloutState: "FAILED", rolloutStateReason: reason });
  const told = core.state.services.set(
    withEvent(core, failed, `(deployment ${id}) deployment failed: tasks failed to start.`),
  );
  tellDeployment(core, told, { id, state: "FAILED", reason });
  const back = deploymentConfiguration.deploymentCircuitBreaker.rollback ? internal.completed : undefined;
  if (back === undefined) return told;
  const { deploymentId, taskDefinition, digests } = back;
  const why = `ECS deployment circuit breaker: rolling back to deploymentId ${deploymentId}.`;
  return beginDeployment(core, told, { taskDefinition, digests, reason: why });
}
