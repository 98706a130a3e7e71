import { randomInt } from "node:crypto";
import { type EcsCore, nowOf } from "../ecs-core.ts";
import type { Deployment, Service } from "../model.ts";
import { tellDeployment } from "./service-changes.ts";

/** What a service is to run from now on, and where it is known already which digests its tags mean. */
export type DeploymentPlan = {
  readonly taskDefinition: string;
  readonly reason?: string;
  readonly digests?: Readonly<Record<string, string>>;
};

/** Begins a deployment: it becomes the PRIMARY one, and its tags are resolved anew when its first tasks start. */
export function beginDeployment(core: EcsCore, service: Service, plan: DeploymentPlan): Service {
  const deployment = newDeployment(core, service, plan);
  const older = service.deployments.map((one) => ({ ...one, status: "ACTIVE" as const }));
  const changed = core.state.services.set({
    ...service,
    taskDefinition: plan.taskDefinition,
    deployments: [deployment, ...older],
    internal: { ...service.internal, failures: 0 },
  });
  const { id, rolloutStateReason: reason } = deployment;
  tellDeployment(core, changed, { id, state: "IN_PROGRESS", reason });
  return changed;
}

function newDeployment(core: EcsCore, service: Service, plan: DeploymentPlan): Deployment {
  const now = nowOf(core);
  const id = `ecs-svc/${randomInt(1e9, 1e10)}${randomInt(1e8, 1e9)}`;
  const { desiredCount, launchType, capacityProviderStrategy, platformVersion } = service;
  return {
    ...{ id, status: "PRIMARY", taskDefinition: plan.taskDefinition, desiredCount, failedTasks: 0 },
    ...{ createdAt: now, updatedAt: now, launchType, capacityProviderStrategy, platformVersion },
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: plan.reason ?? `ECS deployment ${id} in progress.`,
    internal: { digests: plan.digests ?? {}, resolutions: 0 },
  };
}
