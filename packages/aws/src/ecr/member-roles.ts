/**
 * What the roles in each member account must allow for the adapters beside this file; the member stack grants exactly
 * this. No SDK import here.
 */
export const READER_ROLE_ACTIONS = {
  registryReader: ["ecr:DescribeRepositories", "ecr:DescribeImages"],
  resourceTagReader: ["ecr:ListTagsForResource"],
  manifestReader: ["ecr:BatchGetImage", "ecr:ListPullTimeUpdateExclusions"],
  replicationReader: ["ecr:DescribeRegistry", "ecr:DescribeImageReplicationStatus"],
  consumersReader: ["ecr:DescribePullThroughCacheRules", "ecr:GetRegistryPolicy", "ecr:GetRepositoryPolicy"],
} as const;

/**
 * Of the reader, for evidence of use: on everything in its account. Lists have no resource to be granted on, and what is
 * listed is asked for by the same function, whatever it is called.
 */
export const EVIDENCE_ACTIONS = {
  ecs: [
    "ecs:DescribeServiceRevisions",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:DescribeTasks",
    "ecs:ListClusters",
    "ecs:ListServices",
    "ecs:ListTaskDefinitions",
    "ecs:ListTasks",
  ],
  eventbridge: ["events:ListEventBuses", "events:ListRules", "events:ListTargetsByRule"],
  scheduler: ["scheduler:GetSchedule", "scheduler:ListSchedules"],
  lambda: ["lambda:GetFunction", "lambda:ListAliases", "lambda:ListFunctions"],
  inspector: ["inspector2:GetClustersForImage", "inspector2:ListCoverage"],
} as const;

/** Of the reader, on the rules that forward this account's events and on no others. */
export const RULE_ACTIONS = ["events:DescribeRule", "events:ListTargetsByRule"] as const;

export const WRITER_ROLE_ACTIONS = {
  pullTimeExclusions: ["ecr:RegisterPullTimeUpdateExclusion"],
} as const;
