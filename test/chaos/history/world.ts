import type { Bucket } from "@tallyman/aws/s3/bucket";
import { Policy } from "@tallyman/domain/policy/policy";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { SwitchChanges } from "@tallyman/registry/core/switches";
import { type Cloud, startCloud } from "./cloud.ts";
import type { Surroundings } from "./functions.ts";
import { Gate } from "./gate.ts";
import { memoryBucket } from "./gated-bucket.ts";
import { type Registries, startRegistries } from "./registries.ts";
import type { HistoryTable, Tables } from "./tables.ts";
import { newTeam, type Team } from "./team.ts";
import { newTruth, type Truth } from "./truth.ts";
import { type VirtualTime, virtualTime } from "./virtual-time.ts";
import { newWorkers, type Workers } from "./workers.ts";

export const HUB = { account: "111122223333", region: "us-east-1" };
const WEST = { account: "111122223333", region: "us-west-2" };
const OTHER = { account: "444455556666", region: "us-east-1" };
export const REGISTRIES = [HUB, WEST, OTHER];
export const REPOSITORIES: readonly RepositoryRef[] = REGISTRIES.flatMap((registry) => [
  { ...registry, repository: "prod/web" },
  { ...registry, repository: "team/app" },
]);

/** In `prod/**` every tag but a version breaks a rule, in `team/**` only `latest`. */
export const POLICY = Policy.parse({
  version: 1,
  tagging: {
    rules: [
      { name: "prod-releases", repositories: ["prod/**"], allow: [{ format: "semver" }], deny: ["latest"] },
      { name: "no-floating-tags", repositories: ["team/**"], deny: ["latest"], notify: false },
    ],
  },
  notify: { slack: { channel: "#registry" } },
});

/** Everything of one history: registries, buses, queues and a table of its own, at one clock. */
export type World = {
  readonly time: VirtualTime;
  readonly gate: Gate;
  readonly cloud: Cloud;
  readonly registries: Registries;
  readonly truth: Truth;
  readonly team: Team;
  readonly workers: Workers;
  readonly table: HistoryTable;
  readonly bucket: Bucket;
  /** Stands between the registries' answer to DescribeImages without ids and who asked, while it is set. */
  readonly listing: { overtake: Overtake | undefined };
  close(): Promise<void>;
};

/** Something happens while a page is on its way; the digests that therefore are not on it. */
export type Overtake = (repository: RepositoryRef) => Promise<readonly string[]>;

export type WorldOptions = {
  readonly switches?: SwitchChanges;
  /** Whether CloudTrail has a trail, whose records EventBridge hears. */
  readonly trail?: boolean;
};

export async function startWorld(
  tables: Tables,
  { switches = {}, trail = true }: WorldOptions = {},
): Promise<World> {
  const time = virtualTime(new Date("2026-11-21T10:00:00.000Z"));
  const gate = new Gate();
  const cloud = startCloud({ hub: HUB, registries: REGISTRIES, time });
  const hearsCalls: Cloud["hearsCalls"] = (registry, call) => trail && cloud.hearsCalls(registry, call);
  const registries = await startRegistries({ time, places: REGISTRIES, switches, hearsCalls, trail });
  await replicate(registries);
  const table = await tables.newTable();
  const bucket = memoryBucket();
  const listing: World["listing"] = { overtake: undefined };
  const around: Surroundings = {
    gate,
    hub: HUB,
    registries: REGISTRIES,
    policy: POLICY,
    tableName: table.name,
    dynamodb: table.answers,
    sqs: cloud.sqs,
    ecr: (registry) => async (operation, body) => {
      const answer = await registries.asReader(registry)(operation, body);
      if (operation !== "DescribeImages" || !listing.overtake) return answer;
      const { repositoryName } = JSON.parse(body) as { repositoryName: string };
      const without = await listing.overtake({ ...registry, repository: repositoryName });
      return { ...answer, body: leaveOut(String(answer.body), without) };
    },
    bucket,
    queueUrl: cloud.queueUrl,
    now: time.now,
  };
  const copiesOf = (it: RepositoryRef) =>
    it.account === HUB.account && it.region === HUB.region && it.repository.startsWith("prod/")
      ? [{ ...it, ...WEST }]
      : [];
  const truth = newTruth(registries, copiesOf);
  const team = newTeam({ registries, truth, repositories: REPOSITORIES, copiesOf });
  const workers = newWorkers(around, cloud.queues, cloud.mappings);
  return {
    time,
    gate,
    cloud,
    registries,
    truth,
    team,
    workers,
    table,
    bucket,
    listing,
    close: () => registries.close(),
  };
}

/** What `prod/` is pushed to in the hub's Region goes to the West. */
async function replicate(registries: Registries): Promise<void> {
  const rule = {
    destinations: [{ region: WEST.region, registryId: WEST.account }],
    repositoryFilters: [{ filter: "prod/", filterType: "PREFIX_MATCH" }],
  };
  const replicationConfiguration = { rules: [rule] };
  const { status } = await registries
    .admin(HUB)
    .api("PutReplicationConfiguration", { replicationConfiguration });
  if (status !== 200) throw new Error("replication was refused");
}

function leaveOut(body: string, digests: readonly string[]): string {
  const answer = JSON.parse(body) as { imageDetails?: readonly { imageDigest: string }[] };
  const imageDetails = answer.imageDetails?.filter((it) => !digests.includes(it.imageDigest));
  return JSON.stringify({ ...answer, ...(imageDetails && { imageDetails }) });
}
