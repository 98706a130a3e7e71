import { type ImageUri, parseImageUri } from "@tallyman/domain/registry/image-uri";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { EcsFleet, FleetContainer } from "../ecs/ecs-fleet.ts";
import { imageSource } from "../ecs/pull/image-source.ts";

/** What uses one image in one cluster. */
export type ClusterUse = {
  readonly clusterArn: string;
  readonly group: string;
  readonly taskDefinitionArn: string;
  readonly lastInUse: Date;
  readonly running: number;
  readonly stopped: number;
};

export type ImageUse = {
  /** Tasks that run it now. */
  readonly count: number;
  readonly lastInUse: Date;
  readonly clusters: readonly ClusterUse[];
};

/** `<repository>/<digest>` */
export type ImageKey = string;

/**
 * What the tasks of all accounts use of one registry's images, by image: that of the platform which was pulled, since
 * Inspector knows no indexes.
 */
export function usesOf(fleet: EcsFleet, registry: Registry, now: Date): ReadonlyMap<ImageKey, ImageUse> {
  const byImage = Map.groupBy(
    fleet.tasks().filter((one) => one.startedAt !== undefined && keyOf(one, registry) !== undefined),
    (one) => keyOf(one, registry) ?? "",
  );
  return new Map([...byImage].map(([key, containers]) => [key, useOf(containers, now)]));
}

function keyOf(container: FleetContainer, { account, region }: Registry): ImageKey | undefined {
  const uri = uriOf(container);
  const { imageDigest, platformDigest = imageDigest } = container;
  if (uri?.registry.account !== account || uri.registry.region !== region) return undefined;
  return platformDigest && `${uri.repository}/${platformDigest}`;
}

function uriOf({ image, account, region }: FleetContainer): ImageUri | undefined {
  try {
    return parseImageUri(image) ?? imageSource(image, { account, region });
  } catch {
    return undefined; // Of no registry here.
  }
}

function useOf(containers: readonly FleetContainer[], now: Date): ImageUse {
  const groups = Map.groupBy(containers, (one) =>
    [one.clusterArn, one.group, one.taskDefinitionArn].join(" "),
  );
  const clusters = [...groups.values()].flatMap((group) => clusterUse(group, now) ?? []);
  return {
    count: new Set(containers.filter(isRunning).map(({ taskArn }) => taskArn)).size,
    lastInUse: latest(containers, now),
    clusters,
  };
}

function clusterUse(group: readonly FleetContainer[], now: Date): ClusterUse | undefined {
  const [first] = group;
  if (!first) return undefined;
  const { clusterArn, group: name, taskDefinitionArn } = first;
  const tasks = new Map(group.map((one) => [one.taskArn, one]));
  const running = [...tasks.values()].filter(isRunning).length;
  const lastInUse = latest(group, now);
  return { clusterArn, group: name, taskDefinitionArn, lastInUse, running, stopped: tasks.size - running };
}

function isRunning({ status }: FleetContainer): boolean {
  return status === "RUNNING";
}

function latest(containers: readonly FleetContainer[], now: Date): Date {
  const times = containers.map(({ stoppedAt }) => (stoppedAt ?? now).getTime());
  return new Date(Math.max(...times));
}
