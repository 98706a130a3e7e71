import { copyScenarios } from "./copy-scenarios.ts";
import { countScenarios } from "./count-scenarios.ts";
import { imageScenarios } from "./image-scenarios.ts";
import { operationScenarios } from "./operation-scenarios.ts";
import { registryScenarios } from "./registry-scenarios.ts";
import { list, type Placed } from "./statements.ts";
import { trailScenarios } from "./trail-scenarios.ts";
import { usageScenarios } from "./usage-scenarios.ts";

export const scenarios = {
  ...imageScenarios,
  ...copyScenarios,
  ...trailScenarios,
  ...countScenarios,
  ...usageScenarios,
  ...operationScenarios,
  ...registryScenarios,
};
export type ScenarioName = keyof typeof scenarios;

type Row = { readonly owner: string; readonly when?: RegExp; readonly by: ScenarioName };

/** Which scenario needs which statement, the first row that fits; `when`: an action, a resource or a principal in it. */
const ROWS: readonly Row[] = [
  { owner: "tallyman-image-action", when: /\/gsi1$/, by: "deleted" },
  { owner: "tallyman-image-action", when: /:ReconcileQueue\.fifo$/, by: "pulledThrough" },
  { owner: "tallyman-image-action", by: "pushed" },
  { owner: "tallyman-replication-action", when: /\/gsi1$/, by: "copyGone" },
  { owner: "tallyman-replication-action", by: "copyHeardOf" },
  { owner: "tallyman-trail-action", when: /\/gsi1$/, by: "callGone" },
  { owner: "tallyman-trail-action", when: /:ReconcileQueue\.fifo$/, by: "repositoryDeleted" },
  { owner: "tallyman-trail-action", by: "callHeardOf" },
  { owner: "tallyman-replica-check", by: "replicaChecked" },
  { owner: "tallyman-due", by: "replicaChecked" },
  {
    owner: "tallyman-reconcile",
    when: /\/(manifests|listings)\/|^s3:ListBucket$/,
    by: "reconciledAndCounted",
  },
  { owner: "tallyman-reconcile", when: /:ChangeMessageVisibility$/, by: "reconcileRetried" },
  { owner: "tallyman-reconcile", by: "reconciled" },
  { owner: "tallyman-recount", by: "counted" },
  { owner: "tallyman-usage-action", by: "taskStarted" },
  { owner: "tallyman-collect-usage", when: /:ChangeMessageVisibility$/, by: "usageRetried" },
  { owner: "tallyman-collect-usage", when: /^s3:(DeleteObject|ListBucket)$/, by: "usageResumed" },
  { owner: "tallyman-collect-usage", when: /:NoticeQueue\.fifo$/, by: "usageDoubted" },
  { owner: "tallyman-collect-usage", by: "usageCollected" },
  { owner: "tallyman-notify", when: /:ChangeMessageVisibility$/, by: "slackBusy" },
  { owner: "tallyman-notify", by: "pushed" },
  { owner: "tallyman-api", when: /^(arn:aws:)?sqs:/, by: "redriven" },
  { owner: "tallyman-api", when: /^sts:|:role\/tallyman-reader$/, by: "clustersAsked" },
  { owner: "tallyman-api", by: "asked" },
  { owner: "DueScheduleRole", when: /:ScheduleDeadLetters$/, by: "schedulesUndeliverable" },
  { owner: "DueScheduleRole", by: "replicaChecked" },
  { owner: "ReconcileScheduleRole", when: /:ScheduleDeadLetters$/, by: "schedulesUndeliverable" },
  { owner: "ReconcileScheduleRole", by: "reconciled" },
  { owner: "ReconcileChangedScheduleRole", when: /:ScheduleDeadLetters$/, by: "schedulesUndeliverable" },
  { owner: "ReconcileChangedScheduleRole", by: "reconciledChanged" },
  { owner: "UsageScheduleRole", when: /:ScheduleDeadLetters$/, by: "schedulesUndeliverable" },
  { owner: "UsageScheduleRole", by: "usageCollected" },
  { owner: "ForwardRole", by: "pushed" },
  { owner: "tallyman-reader", when: /:rule\/tallyman-forward$/, by: "registriesChecked" },
  {
    owner: "tallyman-reader",
    when: /^inspector2:GetClustersForImage$|tallyman-api$/,
    by: "clustersAsked",
  },
  { owner: "tallyman-reader", when: /^(ecs|events|inspector2|lambda|scheduler):/, by: "usageCollected" },
  {
    owner: "tallyman-reader",
    when: /(:Get(Registry|Repository)Policy|:DescribePullThroughCacheRules|tallyman-collect-usage)$/,
    by: "usageCollected",
  },
  { owner: "tallyman-reader", when: /tallyman-replication-action$/, by: "copyHeardOf" },
  { owner: "tallyman-reader", when: /tallyman-trail-action$/, by: "callHeardOf" },
  { owner: "tallyman-reader", when: /tallyman-replica-check$/, by: "replicaChecked" },
  { owner: "tallyman-reader", when: /tallyman-reconcile$/, by: "reconciled" },
  { owner: "tallyman-reader", when: /:DescribeImageReplicationStatus$/, by: "replicaChecked" },
  { owner: "tallyman-reader", when: /:(DescribeRepositories|ListTagsForResource)$/, by: "reconciled" },
  { owner: "tallyman-reader", by: "pushed" },
  { owner: "tallyman-writer", by: "reconciled" },
  { owner: "tallyman", by: "pushed" },
  { owner: "ImageActionQueue", by: "pushed" },
  { owner: "ReplicationActionQueue", by: "copied" },
  { owner: "TrailQueue", by: "repositoryCreated" },
  { owner: "TrailDeadLetters", by: "hubUndeliverable" },
  { owner: "ImageActionDeadLetters", by: "hubUndeliverable" },
  { owner: "ReplicationActionDeadLetters", by: "hubUndeliverable" },
  { owner: "ForwardDeadLetters", by: "memberUndeliverable" },
  { owner: "UsageActionQueue", by: "taskStarted" },
  { owner: "UsageActionDeadLetters", by: "hubUndeliverable" },
  { owner: "Api", by: "asked" },
];

/** The scenario that needs a statement for these actions, resources or principals; all of it unless told. */
export function exercisedBy(
  { owner, statement }: Placed,
  parts: readonly string[] = [...list(statement.Resource), ...list(statement.Action)],
): ScenarioName | undefined {
  const needs = ({ when }: Row) => when === undefined || parts.some((part) => when.test(part));
  return ROWS.find((row) => row.owner === owner && needs(row))?.by;
}
