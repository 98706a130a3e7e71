import * as z from "zod";
import { ecsArn } from "./arns.ts";
import { clientError, type EcsCaller, type EcsContext, invalid, permit } from "./ecs-call.ts";
import { nowOf } from "./ecs-core.ts";
import { Paging } from "./inputs.ts";
import type { TaskDefinition } from "./model.ts";
import { answerView } from "./views.ts";

/** A definition by its ARN, as `family:revision`, or the last active one of a `family`. */
export function findTaskDefinition(
  { core }: Pick<EcsContext, "core">,
  caller: EcsCaller,
  name: string,
): TaskDefinition | undefined {
  const { taskDefinitions } = core.state;
  if (name.startsWith("arn:")) return taskDefinitions.get(name);
  if (name.includes(":")) return taskDefinitions.get(ecsArn(caller, `task-definition/${name}`));
  const all = taskDefinitions.of(`${caller.account}/${caller.region}`);
  return [...all].filter(({ family, status }) => family === name && status === "ACTIVE").at(-1);
}

export const DescribeTaskDefinition = z.object({
  taskDefinition: z.string(),
  include: z.array(z.string()).default([]),
});

export function describeTaskDefinition(
  context: EcsContext,
  caller: EcsCaller,
  { taskDefinition, include }: z.infer<typeof DescribeTaskDefinition>,
): object {
  permit(context, caller, { action: "ecs:DescribeTaskDefinition", resource: "*" });
  const found = findTaskDefinition(context, caller, taskDefinition);
  if (!found) throw clientError("Unable to describe task definition.");
  const tags = include.includes("TAGS") ? { tags: found.internal.tags } : {};
  return { taskDefinition: answerView(found), ...tags };
}

export const DeregisterTaskDefinition = z.object({ taskDefinition: z.string() });

/** What runs by it goes on, and services that have it go on with it. */
export function deregisterTaskDefinition(
  context: EcsContext,
  caller: EcsCaller,
  { taskDefinition }: z.infer<typeof DeregisterTaskDefinition>,
): object {
  permit(context, caller, { action: "ecs:DeregisterTaskDefinition", resource: "*" });
  if (!taskDefinition.includes(":")) throw clientError("Invalid revision. It must be a positive integer.");
  const found = findTaskDefinition(context, caller, taskDefinition);
  if (!found) throw clientError("The specified task definition does not exist.");
  const deregisteredAt = nowOf(context.core);
  const changed = context.core.state.taskDefinitions.set({ ...found, status: "INACTIVE", deregisteredAt });
  return { taskDefinition: answerView(changed) };
}

export const ListTaskDefinitions = z.object({
  familyPrefix: z.string().optional(),
  status: z.enum(["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"]).default("ACTIVE"),
  sort: z.enum(["ASC", "DESC"]).default("ASC"),
  ...Paging,
});

export function listTaskDefinitions(
  context: EcsContext,
  caller: EcsCaller,
  { familyPrefix, status, sort, ...request }: z.infer<typeof ListTaskDefinitions>,
): object {
  permit(context, caller, { action: "ecs:ListTaskDefinitions", resource: "*" });
  const found = [...context.core.state.taskDefinitions.of(`${caller.account}/${caller.region}`)].filter(
    (one) => one.status === status && (familyPrefix === undefined || one.family === familyPrefix),
  );
  const ascending = found.toSorted((a, b) => compare(a.family, b.family) || a.revision - b.revision);
  const arns = ascending.map(({ taskDefinitionArn }) => taskDefinitionArn);
  const { items, ...next } = offsetPage(sort === "ASC" ? arns : arns.toReversed(), request);
  return { taskDefinitionArns: items, ...next };
}

export const ListTaskDefinitionFamilies = z.object({
  familyPrefix: z.string().default(""),
  status: z.enum(["ACTIVE", "INACTIVE", "ALL"]).default("ACTIVE"),
  ...Paging,
});

/** A family is active while one of its revisions is. */
export function listTaskDefinitionFamilies(
  context: EcsContext,
  caller: EcsCaller,
  { familyPrefix, status, ...request }: z.infer<typeof ListTaskDefinitionFamilies>,
): object {
  permit(context, caller, { action: "ecs:ListTaskDefinitionFamilies", resource: "*" });
  const all = [...context.core.state.taskDefinitions.of(`${caller.account}/${caller.region}`)];
  const active = new Set(all.filter((one) => one.status === "ACTIVE").map(({ family }) => family));
  const families = [...new Set(all.map(({ family }) => family))]
    .filter((family) => family.startsWith(familyPrefix))
    .filter((family) => status === "ALL" || active.has(family) === (status === "ACTIVE"))
    .toSorted(compare);
  const { items, ...next } = offsetPage(families, request);
  return { families: items, ...next };
}

/** Sorted by name, so the token is the name behind which the next page begins. */
function offsetPage(
  names: readonly string[],
  { maxResults, nextToken }: { readonly maxResults: number; readonly nextToken?: string | undefined },
): { readonly items: readonly string[]; readonly nextToken?: string } {
  const last = nextToken === undefined ? undefined : Buffer.from(nextToken, "base64url").toString();
  const from = last === undefined ? 0 : names.indexOf(last) + 1;
  if (last !== undefined && from === 0) throw invalid("Invalid token.");
  const items = names.slice(from, from + maxResults);
  const end = items.at(-1);
  const more = end !== undefined && from + maxResults < names.length;
  return { items, ...(more && { nextToken: Buffer.from(end).toString("base64url") }) };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
