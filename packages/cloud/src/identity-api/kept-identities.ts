import * as z from "zod";
import { CustomerPolicy } from "../identity/customer-policies.ts";
import type { Identity } from "../identity/identity.ts";
import type { RoleDefinition } from "../identity/roles.ts";
import { keepWhole, readKept } from "../kept-file.ts";
import { InstanceProfile, type InstanceProfiles } from "./instance-profiles.ts";

const Policy = z.object({ name: z.string(), policy: z.json() });

const KeptRole = z.object({
  account: z.string(),
  name: z.string(),
  path: z.string().exactOptional(),
  assumeRolePolicy: z.json(),
  inlinePolicies: z.array(Policy).exactOptional(),
  managedPolicyArns: z.array(z.string()).exactOptional(),
  maxSessionDuration: z.number().exactOptional(),
  tags: z.record(z.string(), z.string()).exactOptional(),
  description: z.string().exactOptional(),
  permissionsBoundary: z.string().exactOptional(),
  createdAt: z.string().exactOptional(),
});

const Kept = z.object({
  roles: z.array(KeptRole),
  policies: z.array(CustomerPolicy),
  profiles: z.array(InstanceProfile),
});

export type KeptIdentities = {
  /** Durable when it resolves. */
  save(): Promise<void>;
  /** Forgets all that no stack declares. */
  clear(): Promise<void>;
};

/**
 * Roles, policies and instance profiles that calls have made, in memory and, with a file, in it. Roles that the stacks
 * declare are not kept: each start makes them as the stacks say, like a deployment.
 */
export async function keepIdentities(deps: {
  readonly identity: Identity;
  readonly profiles: InstanceProfiles;
  readonly declared: readonly RoleDefinition[];
  readonly file: string | undefined;
}): Promise<KeptIdentities> {
  const { identity, profiles, file } = deps;
  const declared = new Set(deps.declared.map(({ account, name }) => `${account}/${name}`));
  const made = () => identity.roles().filter(({ account, name }) => !declared.has(`${account}/${name}`));
  const kept = await readKept(file, Kept, "roles and policies");
  for (const policy of kept?.policies ?? []) identity.policies.put(policy);
  for (const profile of kept?.profiles ?? []) profiles.put(profile);
  for (const role of kept?.roles ?? [])
    if (!declared.has(`${role.account}/${role.name}`)) identity.replaceRole(role);
  const save = keepWhole(file, () =>
    JSON.stringify({
      roles: made().map(({ definition }) => definition),
      policies: identity.policies.all(),
      profiles: profiles.all(),
    }),
  );
  return {
    save,
    async clear() {
      for (const { account, name } of made()) identity.removeRole(account, name);
      for (const { account, name } of profiles.all()) profiles.delete(account, name);
      for (const { account, path, name } of identity.policies.all())
        identity.policies.delete(`arn:aws:iam::${account}:policy${path}${name}`);
      await save();
    },
  };
}
