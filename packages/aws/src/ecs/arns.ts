import { keyText } from "../usage/key-text.ts";

/** `web` of `arn:aws:ecs:us-east-1:111122223333:cluster/web`. */
export function clusterName(arn: string): string {
  return keyText(arn.slice(arn.indexOf("/") + 1));
}

/** `web:7` of `arn:aws:ecs:us-east-1:111122223333:task-definition/web:7`, or of `web:7`. */
export function definitionName(arn: string): string {
  return keyText(arn.slice(arn.indexOf("/") + 1));
}

/** `web` of the same. */
export function familyName(arn: string): string {
  return definitionName(arn).split(":")[0] ?? "";
}

/** Whether it names a revision, whose containers never change, and not a family, which means its latest. */
export function hasRevision(arn: string): boolean {
  return /:\d+$/.test(definitionName(arn));
}

export function isCluster(arn: string): boolean {
  return /^arn:[^:]+:ecs:[^:]*:\d{12}:cluster\/./.test(arn);
}

/**
 * What uses the image, by the group of a task: `service/web` of `service:web`, `task-definition-family/web` of `family:web`,
 * `task-group/x` of a group that somebody named `x`.
 */
export function serviceOfGroup(group: string | undefined, definition: string): string {
  const [, kind, name] = /^(service|family):(.+)$/s.exec(group ?? "") ?? [];
  if (name === undefined) {
    return keyText(group ? `task-group/${group}` : `task-definition-family/${familyName(definition)}`);
  }
  return keyText(kind === "service" ? `service/${name}` : `task-definition-family/${name}`);
}
