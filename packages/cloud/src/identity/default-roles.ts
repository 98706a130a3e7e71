import type { RoleDefinition } from "./roles.ts";

const POLICY = "arn:aws:iam::aws:policy/service-role";

/**
 * The two roles that the ECS console makes in every account: with them `aws ecs run-task` works at once. A role of the same
 * name that a stack declares takes their place.
 */
export function defaultRoles(account: string): readonly RoleDefinition[] {
  return [
    {
      account,
      name: "ecsTaskExecutionRole",
      assumeRolePolicy: trust("ecs-tasks.amazonaws.com"),
      managedPolicyArns: [`${POLICY}/AmazonECSTaskExecutionRolePolicy`],
    },
    {
      account,
      name: "ecsInstanceRole",
      assumeRolePolicy: trust("ec2.amazonaws.com"),
      managedPolicyArns: [`${POLICY}/AmazonEC2ContainerServiceforEC2Role`],
    },
  ];
}

function trust(service: string): object {
  const statement = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  return { Version: "2012-10-17", Statement: [statement] };
}
