/**
 * What the roles in each member account must allow for the adapters beside this file; the member stack grants exactly
 * this. No SDK import here.
 */
export const READER_ROLE_ACTIONS = {
  registryReader: ["ecr:DescribeRepositories", "ecr:DescribeImages"],
  manifestReader: ["ecr:BatchGetImage", "ecr:ListPullTimeUpdateExclusions"],
  replicationReader: ["ecr:DescribeRegistry", "ecr:DescribeImageReplicationStatus"],
} as const;

export const WRITER_ROLE_ACTIONS = {
  pullTimeExclusions: ["ecr:RegisterPullTimeUpdateExclusion"],
} as const;
