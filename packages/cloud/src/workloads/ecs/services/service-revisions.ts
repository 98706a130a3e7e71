import * as z from "zod";
import { ecsArn, nameOf, placeOf } from "../arns.ts";
import { type EcsCaller, type EcsContext, permit } from "../ecs-call.ts";
import type { EcsCore } from "../ecs-core.ts";
import type { Deployment, Service } from "../model.ts";

/** `arn:aws:ecs:<region>:<account>:service-revision/<cluster>/<service>/<number>`: what one deployment runs. */
export function revisionArn({ serviceArn, clusterArn, serviceName }: Service, { id }: Deployment): string {
  return ecsArn(placeOf(serviceArn), `service-revision/${nameOf(clusterArn)}/${serviceName}/${nameOf(id)}`);
}

export const DescribeServiceRevisions = z.object({
  serviceRevisionArns: z.array(z.string()).min(1).max(20, "Service revisions cannot be more than 20."),
});

/** What deployments that a service still has run, with the digests that their tags were resolved to. */
export function describeServiceRevisions(
  context: EcsContext,
  caller: EcsCaller,
  { serviceRevisionArns }: z.infer<typeof DescribeServiceRevisions>,
): object {
  const serviceRevisions: object[] = [];
  const failures: object[] = [];
  for (const arn of serviceRevisionArns) {
    permit(context, caller, { action: "ecs:DescribeServiceRevisions", resource: arn });
    const own = placeOf(arn).account === caller.account && placeOf(arn).region === caller.region;
    const found = own ? findRevision(context.core, arn) : undefined;
    if (found) serviceRevisions.push(revisionView(context.core, found));
    else failures.push({ arn, reason: "MISSING" });
  }
  return { serviceRevisions, failures };
}

type Revision = { readonly service: Service; readonly deployment: Deployment };

function findRevision({ state }: EcsCore, arn: string): Revision | undefined {
  const [, cluster, name] = arn.split("/");
  const service = state.services.get(ecsArn(placeOf(arn), `service/${cluster}/${name}`));
  const deployment = service?.deployments.find((one) => revisionArn(service, one) === arn);
  return service && deployment && { service, deployment };
}

function revisionView({ state }: EcsCore, { service, deployment }: Revision): object {
  const { serviceArn, clusterArn } = service;
  const { taskDefinition, launchType, platformVersion, createdAt, internal } = deployment;
  const definition = state.taskDefinitions.get(taskDefinition);
  return {
    serviceRevisionArn: revisionArn(service, deployment),
    ...{ serviceArn, clusterArn, taskDefinition, launchType, platformVersion },
    containerImages: (definition?.containerDefinitions ?? []).map(({ name, image }) => ({
      containerName: name,
      image,
      imageDigest: internal.digests[name],
    })),
    createdAt: createdAt / 1000,
  };
}
