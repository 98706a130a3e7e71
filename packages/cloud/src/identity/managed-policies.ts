import type { NamedPolicy } from "@tallyman/domain/iam-policy/evaluate-access";
import { parsePolicy } from "@tallyman/domain/iam-policy/policy-document";

type ManagedStatement = {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: "*";
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
};

const readImages = [
  "ecr:GetAuthorizationToken",
  "ecr:BatchCheckLayerAvailability",
  "ecr:GetDownloadUrlForLayer",
  "ecr:GetRepositoryPolicy",
  "ecr:DescribeRepositories",
  "ecr:ListImages",
  "ecr:DescribeImages",
  "ecr:BatchGetImage",
  "ecr:GetLifecyclePolicy",
  "ecr:GetLifecyclePolicyPreview",
  "ecr:ListTagsForResource",
  "ecr:DescribeImageScanFindings",
];
const writeImages = [
  "ecr:InitiateLayerUpload",
  "ecr:UploadLayerPart",
  "ecr:CompleteLayerUpload",
  "ecr:PutImage",
];

const pullImages = [
  "ecr:GetAuthorizationToken",
  "ecr:BatchCheckLayerAvailability",
  "ecr:GetDownloadUrlForLayer",
  "ecr:BatchGetImage",
];
const writeLogs = ["logs:CreateLogStream", "logs:PutLogEvents"];

/** What an ECS container instance does, images and logs aside. */
const beAnInstance = [
  "ec2:DescribeTags",
  "ecs:CreateCluster",
  "ecs:DeregisterContainerInstance",
  "ecs:DiscoverPollEndpoint",
  "ecs:Poll",
  "ecs:RegisterContainerInstance",
  "ecs:StartTelemetrySession",
  "ecs:UpdateContainerInstancesState",
  "ecs:Submit*",
];

/** AWS's own policies, as published in its managed policy reference. */
const managed: Readonly<Record<string, readonly ManagedStatement[]>> = {
  "arn:aws:iam::aws:policy/AdministratorAccess": [allow("*")],
  "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly": [allow(...readImages)],
  "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser": [allow(...readImages, ...writeImages)],
  "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly": [
    allow(
      "ecr:GetAuthorizationToken",
      "ecr:BatchImportUpstreamImage",
      "ecr:BatchGetImage",
      "ecr:GetDownloadUrlForLayer",
    ),
  ],
  "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryFullAccess": [
    allow("ecr:*", "cloudtrail:LookupEvents"),
    {
      ...allow("iam:CreateServiceLinkedRole"),
      Condition: { StringEquals: { "iam:AWSServiceName": ["replication.ecr.amazonaws.com"] } },
    },
  ],
  "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy": [
    allow(...pullImages, ...writeLogs),
  ],
  "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role": [
    allow(...beAnInstance, ...pullImages, ...writeLogs),
    {
      ...allow("ecs:TagResource"),
      Condition: { StringEquals: { "ecs:CreateAction": ["CreateCluster", "RegisterContainerInstance"] } },
    },
  ],
  "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceEventsRole": [
    allow("ecs:RunTask"),
    {
      ...allow("iam:PassRole"),
      Condition: { StringLike: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
    { ...allow("ecs:TagResource"), Condition: { StringEquals: { "ecs:CreateAction": ["RunTask"] } } },
  ],
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": [
    allow("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
  ],
};

/** ARNs of all that there are here. */
export const awsManagedPolicies: readonly string[] = Object.keys(managed);

/** The document of one of AWS's own policies; undefined for one that the embedded cloud does not have. */
export function managedDocument(arn: string): object | undefined {
  const statements = Object.hasOwn(managed, arn) ? managed[arn] : undefined;
  return statements && { Version: "2012-10-17", Statement: statements };
}

/** @throws Error for a managed policy that the embedded cloud does not have */
export function managedPolicy(arn: string): NamedPolicy {
  const document = managedDocument(arn);
  if (!document) {
    throw new Error(
      `The managed policy ${arn} is not known here. Known: ${awsManagedPolicies.join(", ")}. Use an inline policy.`,
    );
  }
  return { name: arn, document: parsePolicy(document, "identity") };
}

function allow(...Action: readonly string[]): ManagedStatement {
  return { Effect: "Allow", Action, Resource: "*" };
}
