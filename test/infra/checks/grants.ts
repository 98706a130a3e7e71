import {
  bothOf,
  type Check,
  ofType,
  rolesOf,
  type Snapshots,
  type Statement,
  statementsOf,
} from "./resources.ts";

/** IAM knows no resource-level permission for these: `*` is the only resource they take. */
const WITHOUT_RESOURCE = new Set([
  "ecr:DescribePullThroughCacheRules",
  "ecr:DescribeRegistry",
  "ecr:GetAuthorizationToken",
  "ecr:GetRegistryPolicy",
  "ecr:ListPullTimeUpdateExclusions",
  "ecr:RegisterPullTimeUpdateExclusion",
  "ecs:DescribeTaskDefinition",
  "ecs:ListClusters",
  "ecs:ListServices",
  "ecs:ListTaskDefinitions",
  // On container instances only when it names one.
  "ecs:ListTasks",
  "events:ListEventBuses",
  "events:ListRules",
  "inspector2:GetClustersForImage",
  "inspector2:ListCoverage",
  "lambda:ListFunctions",
  "scheduler:ListSchedules",
]);

/** No Allow names all actions of a service, nor every resource where one could be named. */
export const grantsAreNarrow: Check = (snapshots) =>
  grantsOf(snapshots)
    .filter(({ statement }) => statement.Effect === "Allow")
    .flatMap(({ where, statement }) => [
      ...statement.Action.filter((action) => action.includes("*")).map(
        (action) => `${where} allows ${action}`,
      ),
      ...(statement.Resource?.includes("*") &&
      !statement.Action.every((action) => WITHOUT_RESOURCE.has(action))
        ? [`${where} allows ${statement.Action.join(", ")} on *`]
        : []),
    ]);

/** Services let into queues and buses come from a named resource; accounts are named or of a named organization. */
export const resourcePoliciesAreConditioned: Check = (snapshots) =>
  resourcePolicies(snapshots)
    .filter(({ statement }) => statement.Effect === "Allow")
    .filter(({ statement }) => !isConditioned(statement))
    .map(({ where }) => `${where} lets in more than one named source`);

function isConditioned({ Principal, Condition }: Statement): boolean {
  const keys = Object.values(Condition ?? {}).flatMap((keysOf) => Object.keys(keysOf));
  if (Principal === "*") return keys.includes("aws:PrincipalOrgID");
  const accounts = Principal?.["AWS"] ?? [];
  if (accounts.includes("*")) return false;
  return Principal?.["Service"] === undefined || keys.includes("aws:SourceArn");
}

type Found = { readonly where: string; readonly statement: Statement };

function grantsOf(snapshots: Snapshots): readonly Found[] {
  const ofRoles = bothOf(snapshots)
    .flatMap(rolesOf)
    .flatMap(({ name, grants }) => grants.map((statement) => ({ where: `role ${name}`, statement })));
  return [...ofRoles, ...resourcePolicies(snapshots)];
}

const RESOURCE_POLICIES = [
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
  "aws:s3/bucketPolicy:BucketPolicy",
];

function resourcePolicies(snapshots: Snapshots): readonly Found[] {
  return bothOf(snapshots).flatMap((snapshot) =>
    RESOURCE_POLICIES.flatMap((type) =>
      ofType(snapshot, type).flatMap(([name, { policy }]) =>
        statementsOf(policy).map((statement) => ({ where: `the policy of ${name}`, statement })),
      ),
    ),
  );
}

/** Every action that any policy of the snapshots allows, once. */
export function namedActions(snapshots: Snapshots): readonly string[] {
  const trusts = bothOf(snapshots)
    .flatMap(rolesOf)
    .flatMap(({ trust }) => trust);
  const all = [...grantsOf(snapshots).map(({ statement }) => statement), ...trusts];
  const allowed = all.filter(({ Effect }) => Effect === "Allow");
  return [...new Set(allowed.flatMap(({ Action }) => Action))].toSorted();
}
