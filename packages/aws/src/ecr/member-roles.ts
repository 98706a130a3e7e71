/**
 * What the roles in each member account must allow for the adapters beside this file; the member stack grants exactly
 * this. No SDK import here.
 */
export const READER_ROLE_ACTIONS = {
  registryReader: ["ecr:DescribeRepositories", "ecr:DescribeImages"],
  resourceTagReader: ["ecr:ListTagsForResource"],
  manifestReader: ["ecr:BatchGetImage", "ecr:ListPullTimeUpdateExclusions"],
  replicationReader: ["ecr:DescribeRegistry", "ecr:DescribeImageReplicationStatus"],
} as const;

/** Of the reader, on the rules that forward this account's events and on no others. */
export const RULE_ACTIONS = ["events:DescribeRule", "events:ListTargetsByRule"] as const;

export const WRITER_ROLE_ACTIONS = {
  pullTimeExclusions: ["ecr:RegisterPullTimeUpdateExclusion"],
} as const;
