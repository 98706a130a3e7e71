import * as z from "zod";
import type { XmlValue } from "../http/query-xml.ts";
import { uniqueId } from "../identity/unique-id.ts";
import {
  alreadyExists,
  deleteConflict,
  type IamCall,
  type IamOperation,
  iamOperation,
  noSuchEntity,
  permit,
  quotaExceeded,
  roleOf,
} from "./iam-call.ts";
import { type InstanceProfile, instanceProfileArn } from "./instance-profiles.ts";
import { roleView } from "./role-view.ts";
import { Name, Paging, Path, PathPrefix, page, RoleName, Tags, tagList, timestamp } from "./shapes.ts";

const InstanceProfileName = Name(128);
const Named = z.strictObject({ InstanceProfileName });
const WithRole = z.strictObject({ InstanceProfileName, RoleName });

/** Instance profiles: what an EC2 instance names to be given a role. */
export const instanceProfileOperations: Readonly<Record<string, IamOperation>> = {
  CreateInstanceProfile: iamOperation(
    Named.extend({ Path: Path.default("/"), Tags: Tags.default({}) }),
    (input, call) => {
      const { account } = call;
      const { InstanceProfileName: name, Path: path, Tags: tags } = input;
      permit(call, instanceProfileArn({ account, path, name }));
      if (call.profiles.find(account, name)) throw alreadyExists(`Instance Profile ${name} already exists.`);
      const profile = { account, name, path, tags, createdAt: call.now.toISOString() };
      call.profiles.put(profile);
      return { InstanceProfile: profileView(profile, call) };
    },
  ),
  GetInstanceProfile: iamOperation(Named, (input, call) => ({
    InstanceProfile: profileView(profileOf(call, input), call),
  })),
  ListInstanceProfiles: iamOperation(z.strictObject({ PathPrefix, ...Paging }), (input, call) => {
    permit(call, `arn:aws:iam::${call.account}:instance-profile/`);
    const shown = own(call).filter(({ path }) => path.startsWith(input.PathPrefix));
    return page(
      "InstanceProfiles",
      shown.map((profile) => profileView(profile, call)),
      input,
    );
  }),
  ListInstanceProfilesForRole: iamOperation(z.strictObject({ RoleName, ...Paging }), (input, call) => {
    const { name } = roleOf(call, input.RoleName);
    const shown = own(call).filter(({ role }) => role === name);
    return page(
      "InstanceProfiles",
      shown.map((profile) => profileView(profile, call)),
      input,
    );
  }),
  AddRoleToInstanceProfile: iamOperation(WithRole, (input, call) => {
    const profile = profileOf(call, input);
    if (!call.identity.findRole(call.account, input.RoleName))
      throw noSuchEntity(`The role with name ${input.RoleName} cannot be found.`);
    if (profile.role !== undefined) throw quotaExceeded("InstanceSessionsPerInstanceProfile", 1);
    call.profiles.put({ ...profile, role: input.RoleName });
    return undefined;
  }),
  RemoveRoleFromInstanceProfile: iamOperation(WithRole, (input, call) => {
    const { role, ...profile } = profileOf(call, input);
    if (role !== input.RoleName)
      throw noSuchEntity(`Role ${input.RoleName} cannot be found in the instance profile ${profile.name}.`);
    call.profiles.put(profile);
    return undefined;
  }),
  DeleteInstanceProfile: iamOperation(Named, (input, call) => {
    const profile = profileOf(call, input);
    if (profile.role !== undefined)
      throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
    call.profiles.delete(call.account, profile.name);
    return undefined;
  }),
};

function own({ profiles, account }: IamCall): readonly InstanceProfile[] {
  return profiles.all().filter((profile) => profile.account === account);
}

function profileOf(call: IamCall, { InstanceProfileName: name }: z.infer<typeof Named>): InstanceProfile {
  const { account } = call;
  const profile = call.profiles.find(account, name);
  permit(call, instanceProfileArn(profile ?? { account, path: "/", name }), {
    shown: `instance profile ${name}`,
  });
  if (profile) return profile;
  throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
}

function profileView(profile: InstanceProfile, call: IamCall): XmlValue {
  const { account, path, name, createdAt, tags } = profile;
  const arn = instanceProfileArn(profile);
  const role = profile.role === undefined ? undefined : call.identity.findRole(account, profile.role);
  return {
    Path: path,
    InstanceProfileName: name,
    InstanceProfileId: uniqueId("AIPA", arn),
    Arn: arn,
    CreateDate: timestamp(createdAt),
    Roles: role ? [roleView(role, call)] : [],
    Tags: tagList(tags),
  };
}
