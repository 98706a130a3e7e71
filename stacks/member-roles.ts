import {
  EVIDENCE_ACTIONS,
  READER_ROLE_ACTIONS,
  RULE_ACTIONS,
  WRITER_ROLE_ACTIONS,
} from "@tallyman/aws/ecr/member-roles";
import type { ResourceKey } from "@tallyman/aws/permission";
import { FORWARDING_RULES } from "@tallyman/domain/registry/forwarding-rules";
import type { Deployment } from "./deployment.ts";
import { readPermissions } from "./functions.ts";
import {
  FUNCTION_FOLDERS,
  type FunctionFolder,
  functionRoleName,
  READER_ROLE,
  roleArn,
  WRITER_ROLE,
} from "./names.ts";

/** IAM knows no resource-level permission for these: they are granted on `*`. */
const WITHOUT_RESOURCE: readonly string[] = [
  "ecr:DescribePullThroughCacheRules",
  "ecr:DescribeRegistry",
  "ecr:GetRegistryPolicy",
  "ecr:ListPullTimeUpdateExclusions",
  "ecr:RegisterPullTimeUpdateExclusion",
];

/**
 * The two roles that the hub's functions assume in this account, in all of its Regions. They allow what the adapters
 * call, and trust the functions whose own permissions name them.
 */
export async function createMemberRoles(deployment: Deployment): Promise<readonly aws.iam.Role[]> {
  const permissions = await readPermissions();
  const assuming = (key: ResourceKey) =>
    FUNCTION_FOLDERS.filter((folder) => permissions[folder].some(({ on }) => on === key));
  const { account } = deployment.at;
  return [
    memberRole(deployment, {
      name: READER_ROLE,
      logicalName: "Reader",
      trusted: assuming("role/reader"),
      statements: [
        ...statementsFor(account, Object.values(READER_ROLE_ACTIONS).flat()),
        lookAtRules(account),
        lookAtUsage(),
      ],
    }),
    memberRole(deployment, {
      name: WRITER_ROLE,
      logicalName: "Writer",
      trusted: assuming("role/writer"),
      statements: statementsFor(account, Object.values(WRITER_ROLE_ACTIONS).flat()),
    }),
  ];
}

function statementsFor(account: string, actions: readonly string[]): readonly object[] {
  const without = actions.filter((action) => WITHOUT_RESOURCE.includes(action));
  const within = actions.filter((action) => !WITHOUT_RESOURCE.includes(action));
  return [
    { Effect: "Allow", Action: within.toSorted(), Resource: `arn:aws:ecr:*:${account}:repository/*` },
    { Effect: "Allow", Action: without.toSorted(), Resource: "*" },
  ].filter(({ Action }) => Action.length > 0);
}

/** `registries check` looks whether the rules still forward. */
function lookAtRules(account: string): object {
  const arns = FORWARDING_RULES.map(({ name }) => `arn:aws:events:*:${account}:rule/${name}`);
  return { Effect: "Allow", Action: RULE_ACTIONS, Resource: arns };
}

/** What runs, and what would: of everything in this account. */
function lookAtUsage(): object {
  return { Effect: "Allow", Action: Object.values(EVIDENCE_ACTIONS).flat(), Resource: "*" };
}

type MemberRole = {
  readonly name: string;
  readonly logicalName: string;
  readonly trusted: readonly FunctionFolder[];
  readonly statements: readonly object[];
};

function memberRole({ hub, externalId }: Deployment, role: MemberRole): aws.iam.Role {
  const trust = {
    Effect: "Allow",
    Principal: { AWS: role.trusted.map((folder) => roleArn(hub.account, functionRoleName(folder))) },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "sts:ExternalId": externalId } },
  };
  return new aws.iam.Role(role.logicalName, {
    name: role.name,
    assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    inlinePolicies: [
      {
        name: "inline",
        policy: JSON.stringify({ Version: "2012-10-17", Statement: role.statements }),
      },
    ],
  });
}
