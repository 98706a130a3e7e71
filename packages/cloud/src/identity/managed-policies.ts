import type { NamedPolicy } from "@tallyman/domain/iam-policy/evaluate-access";
import { parsePolicy } from "@tallyman/domain/iam-policy/policy-document";

type ManagedStatement = {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: "*";
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

/** AWS's own policies, as published in its managed policy reference. */
const managed: Readonly<Record<string, readonly ManagedStatement[]>> = {
  "arn:aws:iam::aws:policy/AdministratorAccess": [allow("*")],
  "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly": [allow(...readImages)],
  "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser": [allow(...readImages, ...writeImages)],
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": [
    allow("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
  ],
};

/** @throws Error for a managed policy that the embedded cloud does not have */
export function managedPolicy(arn: string): NamedPolicy {
  const statements = Object.hasOwn(managed, arn) ? managed[arn] : undefined;
  if (!statements) {
    throw new Error(
      `The managed policy ${arn} is not known here. Known: ${Object.keys(managed).join(", ")}. Use an inline policy.`,
    );
  }
  return { name: arn, document: parsePolicy({ Version: "2012-10-17", Statement: statements }, "identity") };
}

function allow(...Action: readonly string[]): ManagedStatement {
  return { Effect: "Allow", Action, Resource: "*" };
}
