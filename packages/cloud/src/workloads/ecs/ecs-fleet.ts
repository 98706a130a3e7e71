import type { Registry } from "@tallyman/domain/registry/registry";
import { nameOf, placeOf } from "./arns.ts";
import type { EcsCore } from "./ecs-core.ts";
import { forgetStopped } from "./stopped-tasks.ts";

/** One container of a task, as others of this cloud see it (Inspector counts what is in use). */
export type FleetContainer = Registry & {
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly cluster: string;
  readonly taskDefinitionArn: string;
  readonly group: string;
  readonly status: "PROVISIONING" | "PENDING" | "RUNNING" | "DEPROVISIONING" | "STOPPED";
  readonly container: string;
  /** As the task definition names it. */
  readonly image: string;
  /** Once it was pulled. */
  readonly imageDigest?: string;
  /** Of the image for the task's platform: another one than `imageDigest` where that is an index's. */
  readonly platformDigest?: string;
  readonly startedAt?: Date;
  readonly stoppedAt?: Date;
};

export type EcsFleet = {
  /** Containers of all tasks that ECS still shows, in one account and Region or everywhere: also stopped ones, for an hour. */
  tasks(at?: Registry): readonly FleetContainer[];
  /** EC2 instances that were registered, with the roles by which their agents pull. */
  instances(at: Registry): readonly { readonly instanceId: string; readonly roleArn: string }[];
};

export function ecsFleet(core: EcsCore): EcsFleet {
  return {
    instances: ({ account, region }) =>
      [...core.state.instances.all()]
        .filter(
          ({ containerInstanceArn: arn }) =>
            placeOf(arn).account === account && placeOf(arn).region === region,
        )
        .map(({ ec2InstanceId, internal }) => ({ instanceId: ec2InstanceId, roleArn: internal.roleArn })),
    tasks(at) {
      forgetStopped(core);
      return [...core.state.tasks.all()].flatMap((task) => {
        const place = placeOf(task.taskArn);
        if (at && (at.account !== place.account || at.region !== place.region)) return [];
        const {
          taskArn,
          clusterArn,
          taskDefinitionArn,
          group,
          lastStatus: status,
          startedAt,
          stoppedAt,
        } = task;
        return task.containers.map(({ name, image, imageDigest, internal }) => ({
          ...{ ...place, taskArn, clusterArn, cluster: nameOf(clusterArn), taskDefinitionArn, group, status },
          ...{ container: name, image },
          ...(imageDigest !== undefined && { imageDigest }),
          ...internal,
          ...(startedAt !== undefined && { startedAt: new Date(startedAt) }),
          ...(stoppedAt !== undefined && { stoppedAt: new Date(stoppedAt) }),
        }));
      });
    },
  };
}
