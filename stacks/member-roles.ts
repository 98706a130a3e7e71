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
        ...lookAtUsage(account),
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

/** Of what tells what runs, the actions that IAM grants on single resources; it knows none for the others. */
const ON_RESOURCES: Readonly<Record<string, readonly string[]>> = {
  "ecs:*:{account}:*": ["ecs:DescribeServiceRevisions", "ecs:DescribeServices", "ecs:DescribeTasks"],
  "events:*:{account}:rule/*": ["events:ListTargetsByRule"],
  "lambda:*:{account}:function:*": ["lambda:GetFunction", "lambda:ListAliases"],
  "scheduler:*:{account}:schedule/*": ["scheduler:GetSchedule"],
};

/** What runs, and what would, in all of this account: whatever is listed is asked for, whatever it is called. */
function lookAtUsage(account: string): readonly object[] {
  const actions: readonly string[] = Object.values(EVIDENCE_ACTIONS).flat();
  const placed = Object.values(ON_RESOURCES).flat();
  const grant = (some: readonly string[], Resource: string) => ({
    Effect: "Allow",
    Action: actions.filter((action) => some.includes(action)),
    Resource,
  });
  return [
    ...Object.entries(ON_RESOURCES).map(([resource, some]) =>
      grant(some, `arn:aws:${resource.replace("{account}", account)}`),
    ),
    grant(
      actions.filter((action) => !placed.includes(action)),
      "*",
    ),
  ];
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
