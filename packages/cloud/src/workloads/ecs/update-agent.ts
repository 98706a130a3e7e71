import * as z from "zod";
import { AwsError } from "../../http/aws-service.ts";
import { agentIsAtLeast } from "./agent-version.ts";
import { arnIn } from "./arns.ts";
import { activeCluster, clusterArnOf, type EcsCaller, type EcsContext, invalid, permit } from "./ecs-call.ts";
import { instanceView } from "./instance-view.ts";
import { LATEST_AGENT } from "./register-instance.ts";

export const UpdateContainerAgent = z.object({
  cluster: z.string().optional(),
  containerInstance: z.string(),
});

/** The latest agent, at once: on AWS an instance takes a minute. */
export function updateContainerAgent(
  context: EcsContext,
  caller: EcsCaller,
  input: z.infer<typeof UpdateContainerAgent>,
): object {
  const { core, scheduler } = context;
  const clusterArn = clusterArnOf(caller, input.cluster);
  const resource = arnIn(clusterArn, "container-instance", input.containerInstance);
  permit(context, caller, { action: "ecs:UpdateContainerAgent", resource, clusterArn });
  activeCluster(context, caller, clusterArn);
  const instance = core.state.instances.get(resource);
  if (!instance || instance.status === "INACTIVE") throw invalid("Referenced container instance not found.");
  const { versionInfo, version } = instance;
  if (agentIsAtLeast(versionInfo.agentVersion, LATEST_AGENT))
    throw new AwsError(
      "NoUpdateAvailableException",
      "There is no update available for this container agent.",
    );
  const updated = core.state.instances.set({
    ...{ ...instance, version: version + 1 },
    versionInfo: { ...versionInfo, agentVersion: LATEST_AGENT },
  });
  scheduler.wakeCluster(clusterArn);
  return { containerInstance: { ...instanceView(core, updated), agentUpdateStatus: "UPDATED" } };
}
