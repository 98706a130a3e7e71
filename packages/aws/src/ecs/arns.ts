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
 * What uses the image, as events of tasks name it too: `service/web` of the group `service:web`. Other groups are called as
 * whoever started the task pleased: then the family says what runs, `task-definition-family/web`.
 */
export function serviceOfGroup(group: string | undefined, definition: string): string {
  const service = /^service:(.+)$/s.exec(group ?? "")?.[1];
  return keyText(service ? `service/${service}` : `task-definition-family/${familyName(definition)}`);
}
