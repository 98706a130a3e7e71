import type { Denial } from "./ground.ts";
import { list, type Placed } from "./statements.ts";

/** What a trial took away, where it is not the whole statement. */
export type Part = {
  readonly action?: string;
  readonly resource?: string;
  /** The ARN of the role that may no longer do it. */
  readonly principal?: string;
};

/** Whether a refusal is of what a statement, or a part of it, would allow. */
export function showsLossOf(placed: Placed, part: Part = {}): (denial: Denial) => boolean {
  const actions = part.action === undefined ? placed.actions : [part.action];
  const resources = part.resource === undefined ? list(placed.statement.Resource) : [part.resource];
  return (denial) =>
    actions.includes(denial.action) &&
    concerns(placed, denial) &&
    (placed.kind !== "identity" || resources.some((resource) => covers(resource, denial.resource))) &&
    (part.principal === undefined || isSessionOf(denial.principal, nameOf(part.principal)));
}

function concerns({ kind, owner }: Placed, { principal, resource }: Denial): boolean {
  if (kind === "identity") return isSessionOf(principal, owner);
  if (kind === "trust") return resource.endsWith(`:role/${owner}`);
  return nameOf(resource) === owner;
}

/** A member's role stands in several accounts; the statement at hand is its first account's. */
function covers(pattern: string, resource: string): boolean {
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.+?^$()[\]{}|\\]/g, "\\$&").replace(/\d{12}/g, "\\d{12}"))
    .join(".*");
  return new RegExp(`^${source}$`).test(resource);
}

function isSessionOf(principal: string, role: string): boolean {
  return principal.includes(`:assumed-role/${role}/`);
}

function nameOf(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf(":"), arn.lastIndexOf("/")) + 1);
}
