import {
  GetInstanceProfileCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import type { LookedPolicy, RoleFacts } from "@tallyman/domain/doctor/facts";
import { type Looked, mapLooked, remembered } from "@tallyman/domain/doctor/looked";
import type { RoleLook } from "@tallyman/domain/doctor/ports";
import * as z from "@tallyman/domain/zod";
import { clientConfig, type DoctorConnection } from "./connection.ts";
import { instanceProfileOf } from "./instance-profile.ts";
import { look, lookAt, lookAtAll, pageOf } from "./look.ts";

const text = z.string();
/** IAM answers documents as text for a URL (RFC 3986). */
const document = z.pipe(
  text,
  z.transform((encoded) => decodeURIComponent(encoded)),
);
const GONE = ["NoSuchEntityException", "NoSuchEntity"];

const Role = z.object({
  Role: z.object({
    Arn: text,
    RoleName: text,
    AssumeRolePolicyDocument: document,
    PermissionsBoundary: z.optional(z.object({ PermissionsBoundaryArn: z.optional(text) })),
    Tags: z._default(z.array(z.object({ Key: text, Value: text })), []),
  }),
});
const Inline = z.object({ PolicyDocument: document });
const Managed = z.object({ Policy: z.object({ DefaultVersionId: text }) });
const Version = z.object({ PolicyVersion: z.object({ Document: document }) });
const Profile = z.object({
  InstanceProfile: z.object({ Roles: z._default(z.array(z.object({ Arn: text })), []) }),
});

/** Looks at roles and all that their permissions consist of. */
export function awsRoleLook(connection: DoctorConnection): RoleLook {
  const iam = new IAMClient(clientConfig(connection));
  const managed = remembered((arn: string) => managedPolicy(iam, arn));
  return {
    findRole: remembered((arn: string) => findRole(iam, managed, arn)),
    findInstanceRole: remembered(async (instance: string): Promise<Looked<string | undefined>> => {
      const found = await instanceProfileOf(connection, instance);
      if ("unseen" in found || found.seen === undefined) return found;
      const InstanceProfileName = nameOf(found.seen);
      const profile = await look({ action: "iam:GetInstanceProfile", schema: Profile, gone: GONE }, () =>
        iam.send(new GetInstanceProfileCommand({ InstanceProfileName })),
      );
      return mapLooked(profile, (it) => it?.InstanceProfile.Roles[0]?.Arn);
    }),
  };
}

type FindPolicy = (arn: string) => Promise<LookedPolicy>;

async function findRole(
  iam: IAMClient,
  managed: FindPolicy,
  arn: string,
): Promise<Looked<RoleFacts | undefined>> {
  const RoleName = nameOf(arn);
  const question = { action: "iam:GetRole", schema: Role, gone: GONE };
  const found = await look(question, () => iam.send(new GetRoleCommand({ RoleName })));
  if ("unseen" in found) return found;
  const Arn = found.seen?.Role.Arn;
  // A role of another account, or with another path, may be called the same. Task definitions may also give the bare name.
  if (found.seen === undefined || Arn === undefined || (arn.startsWith("arn:") && arn !== Arn))
    return { seen: undefined };
  const { AssumeRolePolicyDocument, PermissionsBoundary, Tags } = found.seen.Role;
  const boundary = PermissionsBoundary?.PermissionsBoundaryArn;
  return {
    seen: {
      arn: Arn,
      name: RoleName,
      trust: { name: `the trust policy of ${RoleName}`, document: { seen: AssumeRolePolicyDocument } },
      identity: [
        ...(await inlinePolicies(iam, RoleName)),
        ...(await attachedPolicies(iam, managed, RoleName)),
      ],
      ...(boundary !== undefined && { boundary: await managed(boundary) }),
      tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
    },
  };
}

async function inlinePolicies(iam: IAMClient, RoleName: string): Promise<readonly LookedPolicy[]> {
  const listed = await lookAtAll(
    { action: "iam:ListRolePolicies", schema: pageOf("PolicyNames", text, "Marker"), gone: GONE },
    (Marker) => iam.send(new ListRolePoliciesCommand({ RoleName, Marker })),
  );
  if ("unseen" in listed) return [{ name: `the inline policies of ${RoleName}`, document: listed }];
  const policies: LookedPolicy[] = [];
  for (const PolicyName of listed.seen) {
    const found = await lookAt({ action: "iam:GetRolePolicy", schema: Inline }, () =>
      iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
    );
    const document = mapLooked(found, ({ PolicyDocument }) => PolicyDocument);
    policies.push({ name: `inline policy ${PolicyName} of ${RoleName}`, document });
  }
  return policies;
}

async function attachedPolicies(
  iam: IAMClient,
  managed: FindPolicy,
  RoleName: string,
): Promise<readonly LookedPolicy[]> {
  const schema = pageOf("AttachedPolicies", z.object({ PolicyArn: text }), "Marker");
  const question = { action: "iam:ListAttachedRolePolicies", schema, gone: GONE };
  const listed = await lookAtAll(question, (Marker) =>
    iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker })),
  );
  if ("unseen" in listed) return [{ name: `the policies attached to ${RoleName}`, document: listed }];
  const policies: LookedPolicy[] = [];
  for (const { PolicyArn } of listed.seen) policies.push(await managed(PolicyArn));
  return policies;
}

async function managedPolicy(iam: IAMClient, PolicyArn: string): Promise<LookedPolicy> {
  const found = await lookAt({ action: "iam:GetPolicy", schema: Managed }, () =>
    iam.send(new GetPolicyCommand({ PolicyArn })),
  );
  if ("unseen" in found) return { name: PolicyArn, document: found };
  const VersionId = found.seen.Policy.DefaultVersionId;
  const version = await lookAt({ action: "iam:GetPolicyVersion", schema: Version }, () =>
    iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId })),
  );
  return { name: PolicyArn, document: mapLooked(version, ({ PolicyVersion }) => PolicyVersion.Document) };
}

/** Without its path: IAM asks for names. */
function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
