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
} from "../ecs-call.ts";
import { Paging } from "../inputs.ts";
import type { Service } from "../model.ts";
import { pageOf } from "../paging.ts";
import { permittedService, withCount } from "./changed-service.ts";
import { serviceView } from "./service-view.ts";

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
