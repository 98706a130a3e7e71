import { arnIn } from "../arns.ts";
import {
  activeCluster,
  clusterArnOf,
  type EcsCaller,
  type EcsContext,
  permit,
  serviceNotFound,
} from "../ecs-call.ts";
import type { Service } from "../model.ts";

/** The service that a call is to change, when the caller may. @throws AwsError */
export function permittedService(
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

/** The deployment that is in force wants as many as its service. */
export function withCount(service: Service): Service {
  const { desiredCount, deployments } = service;
  return {
    ...service,
    deployments: deployments.map((one) => (one.status === "PRIMARY" ? { ...one, desiredCount } : one)),
  };
}
