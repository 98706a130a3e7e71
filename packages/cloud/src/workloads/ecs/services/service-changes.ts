import { nameOf } from "../arns.ts";
import { type EcsCore, nowOf } from "../ecs-core.ts";
import type { Deployment, Service } from "../model.ts";

/** ECS shows so many of a service's last events. */
const EVENTS = 100;

/** A service with one more line for people. */
export function withEvent(core: EcsCore, service: Service, message: string): Service {
  const event = {
    id: core.newId(),
    createdAt: nowOf(core),
    message: `(service ${service.serviceName}) ${message}`,
  };
  return { ...service, events: [event, ...service.events].slice(0, EVENTS) };
}

export function withDeployment(
  core: EcsCore,
  service: Service,
  { id, ...change }: Partial<Deployment> & { readonly id: string },
): Service {
  const deployments = service.deployments.map((one) =>
    one.id === id ? { ...one, ...change, updatedAt: nowOf(core) } : one,
  );
  return { ...service, deployments };
}

/** `ECS Deployment State Change`, and the line of the terminal. */
export function tellDeployment(
  core: EcsCore,
  service: Service,
  {
    id,
    state,
    reason,
  }: { readonly id: string; readonly state: "IN_PROGRESS" | "COMPLETED" | "FAILED"; readonly reason: string },
): void {
  core.events.emit({
    detailType: "ECS Deployment State Change",
    resource: service.serviceArn,
    detail: {
      eventType: state === "FAILED" ? "ERROR" : "INFO",
      eventName: `SERVICE_DEPLOYMENT_${state}`,
      deploymentId: id,
      updatedAt: core.clock.now().toISOString(),
      reason,
    },
  });
  const [, , , region, account] = service.serviceArn.split(":");
  core.tell({
    level: state === "FAILED" ? "warn" : "info",
    source: "ecs",
    message: `service ${service.serviceName} ${PHRASES[state]} ${nameOf(service.taskDefinition)}`,
    fields: { registry: `${account}/${region}`, cluster: nameOf(service.clusterArn), deployment: id },
  });
}

const PHRASES = { IN_PROGRESS: "deploys", COMPLETED: "has deployed", FAILED: "cannot deploy" } as const;

/** `ECS Service Action`. */
export function tellAction(core: EcsCore, service: Service, eventName: string): void {
  core.events.emit({
    detailType: "ECS Service Action",
    resource: service.serviceArn,
    detail: {
      eventType: eventName === "SERVICE_STEADY_STATE" ? "INFO" : "WARN",
      eventName,
      clusterArn: service.clusterArn,
      createdAt: core.clock.now().toISOString(),
    },
  });
}
