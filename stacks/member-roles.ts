import type { Deployment } from "./deployment.ts";
import { type FunctionFolder, functionRoleName, READER_ROLE, roleArn, WRITER_ROLE } from "./names.ts";

/** Functions that read registries, and the one that may write to them. */
const READERS: readonly FunctionFolder[] = [
  "image-action",
  "replication-action",
  "replica-check",
  "reconcile",
];
const WRITERS: readonly FunctionFolder[] = ["reconcile"];

const READ_REPOSITORY = [
  "ecr:BatchGetImage",
  "ecr:DescribeImages",
  "ecr:DescribeImageReplicationStatus",
  "ecr:DescribeRepositories",
  "ecr:ListImages",
];
/** These name no resource: IAM knows no resource-level permission for them. */
const READ_REGISTRY = ["ecr:DescribeRegistry", "ecr:ListPullTimeUpdateExclusions"];
const WRITE_REGISTRY = ["ecr:RegisterPullTimeUpdateExclusion"];

/** The two roles that the hub's functions assume in this account, in all of its Regions. */
export function createMemberRoles(deployment: Deployment): readonly aws.iam.Role[] {
  const repositories = `arn:aws:ecr:*:${deployment.at.account}:repository/*`;
  return [
    memberRole(deployment, {
      name: READER_ROLE,
      logicalName: "Reader",
      trusted: READERS,
      statements: [
        { Effect: "Allow", Action: READ_REPOSITORY, Resource: repositories },
        { Effect: "Allow", Action: READ_REGISTRY, Resource: "*" },
      ],
    }),
    memberRole(deployment, {
      name: WRITER_ROLE,
      logicalName: "Writer",
      trusted: WRITERS,
      statements: [{ Effect: "Allow", Action: WRITE_REGISTRY, Resource: "*" }],
    }),
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
