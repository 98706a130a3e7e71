import type { Registry } from "@tallyman/domain/registry/registry";

/** `arn:aws:ecs:<region>:<account>:<rest>` */
export function ecsArn({ account, region }: Registry, rest: string): string {
  return `arn:aws:ecs:${region}:${account}:${rest}`;
}

/** What stands after the last slash, of an ARN or of a name. */
export function nameOf(arnOrName: string): string {
  return arnOrName.slice(arnOrName.lastIndexOf("/") + 1);
}

export function placeOf(arn: string): Registry {
  const [, , , region = "", account = ""] = arn.split(":");
  return { account, region };
}

/** The ARN of what is named within a cluster (`task`, `service`, `container-instance`), by itself or by its ARN. */
export function arnIn(clusterArn: string, kind: string, arnOrName: string): string {
  if (arnOrName.startsWith("arn:")) return arnOrName;
  return ecsArn(placeOf(clusterArn), `${kind}/${nameOf(clusterArn)}/${arnOrName}`);
}
