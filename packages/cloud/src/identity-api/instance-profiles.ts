import * as z from "zod";

/** What gives the processes on an EC2 instance a role. */
export const InstanceProfile = z.object({
  account: z.string(),
  name: z.string(),
  path: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  /** At most one, by name. */
  role: z.string().optional(),
  tags: z.record(z.string(), z.string()),
});
export type InstanceProfile = z.infer<typeof InstanceProfile>;

export type InstanceProfiles = {
  find(account: string, name: string): InstanceProfile | undefined;
  all(): readonly InstanceProfile[];
  put(profile: InstanceProfile): void;
  delete(account: string, name: string): void;
};

export function createInstanceProfiles(): InstanceProfiles {
  const profiles = new Map<string, InstanceProfile>();
  return {
    find: (account, name) => profiles.get(`${account}/${name}`),
    all: () => [...profiles.values()],
    put: (profile) => void profiles.set(`${profile.account}/${profile.name}`, profile),
    delete: (account, name) => void profiles.delete(`${account}/${name}`),
  };
}

export function instanceProfileArn({
  account,
  path,
  name,
}: Pick<InstanceProfile, "account" | "path" | "name">) {
  return `arn:aws:iam::${account}:instance-profile${path}${name}`;
}
