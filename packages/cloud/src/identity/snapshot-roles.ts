import * as z from "zod";
import type { Snapshot } from "../topology/snapshot.ts";
import type { RoleDefinition } from "./roles.ts";

const RoleInputs = z.object({
  name: z.string().optional(),
  path: z.string().optional(),
  assumeRolePolicy: z.unknown(),
  inlinePolicies: z.array(z.object({ name: z.string().optional(), policy: z.unknown() })).default([]),
  managedPolicyArns: z.array(z.string()).default([]),
  maxSessionDuration: z.number().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});
const RolePolicyInputs = z.object({
  name: z.string().optional(),
  role: z.string(),
  policy: z.unknown(),
});
const AttachmentInputs = z.object({ role: z.string(), policyArn: z.string() });

/**
 * The IAM roles of one synthesized stack in one account, with the policies that stand beside them as resources of
 * their own. Tokens (`${Account}`) must be replaced before.
 *
 * @throws Error when a policy names a role that the stack does not have; ZodError for inputs of another shape
 */
export function rolesOf(snapshot: Snapshot, account: string): readonly RoleDefinition[] {
  const inline = inputsOf(snapshot, "aws:iam/rolePolicy:RolePolicy", RolePolicyInputs);
  const attached = inputsOf(snapshot, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", AttachmentInputs);
  const roles = inputsOf(snapshot, "aws:iam/role:Role", RoleInputs).map(([logicalName, inputs]) => {
    const name = inputs.name ?? logicalName;
    return roleDefinition({ ...inputs, name, account }, ofRole(inline, name), ofRole(attached, name));
  });
  const known = new Set(roles.map((role) => role.name));
  for (const [name, { role }] of [...inline, ...attached]) {
    if (!known.has(roleName(role))) throw new Error(`${snapshot.stack}: ${name} belongs to no role: ${role}`);
  }
  return roles;
}

type Named<T> = readonly (readonly [logicalName: string, inputs: T])[];

function inputsOf<T extends z.ZodType>(snapshot: Snapshot, type: string, shape: T): Named<z.infer<T>> {
  return Object.entries(snapshot.resources[type] ?? {}).map(([name, inputs]) => [name, shape.parse(inputs)]);
}

function ofRole<T extends { readonly role: string }>(named: Named<T>, name: string): Named<T> {
  return named.filter(([, inputs]) => roleName(inputs.role) === name);
}

/** Policies name their role by name or by ARN. */
function roleName(role: string): string {
  return role.slice(role.lastIndexOf("/") + 1);
}

type NamedRole = z.infer<typeof RoleInputs> & { readonly name: string; readonly account: string };

function roleDefinition(
  role: NamedRole,
  inline: Named<z.infer<typeof RolePolicyInputs>>,
  attached: Named<z.infer<typeof AttachmentInputs>>,
): RoleDefinition {
  const { account, name, path, maxSessionDuration, tags } = role;
  return {
    account,
    name,
    ...(path !== undefined && { path }),
    ...(maxSessionDuration !== undefined && { maxSessionDuration }),
    ...(tags !== undefined && { tags }),
    assumeRolePolicy: role.assumeRolePolicy,
    inlinePolicies: [
      ...role.inlinePolicies.map((it, index) => ({ name: it.name ?? `inline-${index}`, policy: it.policy })),
      ...inline.map(([logicalName, it]) => ({ name: it.name ?? logicalName, policy: it.policy })),
    ],
    managedPolicyArns: [...role.managedPolicyArns, ...attached.map(([, it]) => it.policyArn)],
  };
}
