import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ECRClient } from "@aws-sdk/client-ecr";
import { SQSClient } from "@aws-sdk/client-sqs";
import { dynamoAuditTrail } from "@tallyman/aws/dynamodb/audit-trail";
import { dynamoBrakeStore } from "@tallyman/aws/dynamodb/brake-store";
import { dynamoDeedLog } from "@tallyman/aws/dynamodb/deed-log";
import { dynamoImageStore } from "@tallyman/aws/dynamodb/image-store";
import { dynamoManifestStore } from "@tallyman/aws/dynamodb/manifest-store";
import { dynamoRegistryRecords } from "@tallyman/aws/dynamodb/registry-records";
import { dynamoReplicaStore } from "@tallyman/aws/dynamodb/replica-store";
import { dynamoRunLog } from "@tallyman/aws/dynamodb/run-log";
import { dynamoSummaryStore } from "@tallyman/aws/dynamodb/summary-store";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { dynamoTagStore } from "@tallyman/aws/dynamodb/tag-store";
import { dynamoViolationStore } from "@tallyman/aws/dynamodb/violation-store";
import type { EcrClients } from "@tallyman/aws/ecr/ecr-clients";
import { ecrManifestReader } from "@tallyman/aws/ecr/manifest-reader";
import { ecrPullTimeExclusions } from "@tallyman/aws/ecr/pull-time-exclusions";
import { ecrRegistryReader } from "@tallyman/aws/ecr/registry-reader";
import { ecrReplicationReader } from "@tallyman/aws/ecr/replication-reader";
import { ecrResourceTagReader } from "@tallyman/aws/ecr/resource-tag-reader";
import type { Bucket } from "@tallyman/aws/s3/bucket";
import { s3ListingStore } from "@tallyman/aws/s3/listing-store";
import { s3ManifestBodies } from "@tallyman/aws/s3/manifest-bodies";
import { sqsNoticeQueue } from "@tallyman/aws/sqs/notice-queue";
import { sqsReconcileQueue } from "@tallyman/aws/sqs/reconcile-queue";
import { sqsRecountQueue } from "@tallyman/aws/sqs/recount-queue";
import { sqsRedelivery } from "@tallyman/aws/sqs/redelivery";
import { sqsReplicaCheckQueue } from "@tallyman/aws/sqs/replica-check-queue";
import { notingRepositories } from "@tallyman/domain/inventory/note-repository";
import type { Policy } from "@tallyman/domain/policy/policy";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import * as due from "@tallyman/functions/due/handler";
import * as imageAction from "@tallyman/functions/image-action/handler";
import * as reconcile from "@tallyman/functions/reconcile/handler";
import * as recount from "@tallyman/functions/recount/handler";
import * as replicaCheck from "@tallyman/functions/replica-check/handler";
import * as replicationAction from "@tallyman/functions/replication-action/handler";
import * as trailAction from "@tallyman/functions/trail-action/handler";
import type { QueueHandler } from "@tallyman/observability/queue-handler";
import { type RecordedTelemetry, recordedTelemetry } from "../../fakes/recorded-telemetry.ts";
import { type Answers, atOnce, door } from "./doors.ts";
import type { Gate, Process } from "./gate.ts";
import { gatedBucket } from "./gated-bucket.ts";

/** What stands around the functions of one history. */
export type Surroundings = {
  readonly gate: Gate;
  readonly tableName: string;
  readonly hub: Registry;
  readonly registries: readonly Registry[];
  readonly policy: Policy;
  readonly dynamodb: Answers;
  readonly sqs: Answers;
  readonly ecr: (registry: Registry) => Answers;
  readonly bucket: Bucket;
  readonly queueUrl: (name: string) => string;
  readonly now: () => Date;
};

/** One process that can run every function, as their mains wire them; what it remembers dies with it. */
export type Worker = {
  readonly process: Process;
  readonly telemetry: RecordedTelemetry;
  /** By the function's name in the stacks. */
  readonly handlers: Readonly<Record<string, QueueHandler>>;
};

export const READER = "tallyman-reader";

export function startWorker(name: string, around: Surroundings): Worker {
  const process: Process = { name, dead: false };
  const telemetry = recordedTelemetry();
  const { now, policy, registries } = around;
  const deps = (ways: Ways) => ({
    ...storesOf(process, around, ways),
    telemetry,
    policy: { currentPolicy: async () => policy },
    declared: { declaredRegistries: async () => registries },
    now,
  });
  const [reading, together] = [deps({ together: false }), deps({ together: true })];
  return {
    process,
    telemetry,
    handlers: {
      ImageAction: imageAction.createHandler(together),
      TrailAction: trailAction.createHandler(reading),
      Recount: recount.createHandler(reading),
      ReplicationAction: replicationAction.createHandler(together),
      ReplicaCheck: replicaCheck.createHandler(reading),
      Due: due.createHandler({ ...reading, queue: reading.replicaChecks }),
      Reconcile: reconcile.createHandler(reading),
    },
  };
}

/** As `functions/configuration/registry-reading.ts` is told. */
type Ways = { readonly together: boolean };

function storesOf(process: Process, around: Surroundings, ways: Ways) {
  const { gate, hub, now, queueUrl } = around;
  const client = (service: string, answers: Answers, attempts: number) => ({
    credentials: { accessKeyId: "worker", secretAccessKey: "worker" },
    // Nobody looks at signatures here, and they cost as much as all else that an SDK does.
    signer: { sign: async <T>(request: T): Promise<T> => request },
    requestHandler: door(gate, process, service, answers),
    retryStrategy: atOnce(attempts),
    maxAttempts: attempts,
  });
  const dynamo = new DynamoDBClient({ region: hub.region, ...client("dynamodb", around.dynamodb, 3) });
  const sqs = new SQSClient({
    region: hub.region,
    endpoint: "http://127.0.0.1",
    ...client("sqs", around.sqs, 3),
  });
  const clients = ecrClients((registry) => client("ecr", around.ecr(registry), 5));
  const table = openTable(around.tableName, dynamo, ways);
  const summaries = dynamoSummaryStore(table);
  const brake = dynamoBrakeStore(table);
  const bucket = gatedBucket(around.bucket, gate, process);
  return {
    images: dynamoImageStore(table),
    deeds: dynamoDeedLog(table),
    registries: dynamoRegistryRecords(table),
    runs: dynamoRunLog(table),
    listings: s3ListingStore(bucket),
    resourceTags: ecrResourceTagReader(clients),
    probes: { probe: noProbe },
    hub: { busArn: "", readerRoleName: READER, writerRoleName: "tallyman-writer" },
    tags: dynamoTagStore(table),
    manifests: dynamoManifestStore(table, s3ManifestBodies(bucket)),
    violations: dynamoViolationStore(table),
    replicas: dynamoReplicaStore(table),
    summaries,
    audit: dynamoAuditTrail(table),
    brake,
    registry: ecrRegistryReader(clients, ways),
    manifestReader: ecrManifestReader(clients, READER, () => now().getTime()),
    replication: ecrReplicationReader(clients),
    exclusions: ecrPullTimeExclusions({ reader: clients, writer: clients, brake, readerRoleName: READER }),
    noteRepository: notingRepositories(summaries),
    notices: sqsNoticeQueue(sqs, queueUrl("NoticeQueue.fifo")),
    recounts: sqsRecountQueue(sqs, queueUrl("RecountQueue.fifo"), () => now().getTime()),
    redelivery: sqsRedelivery(sqs, queueUrl("ReconcileQueue.fifo")),
    replicaChecks: sqsReplicaCheckQueue(sqs, queueUrl("ReplicaCheckQueue")),
    queue: sqsReconcileQueue(sqs, queueUrl("ReconcileQueue.fifo")),
  };
}

function noProbe(): never {
  throw new Error("nobody asks here how a registry is watched");
}

type ClientOptions = ConstructorParameters<typeof ECRClient>[0];

/** As `packages/aws/src/ecr/ecr-clients.ts`, which knows no other way out than a socket. */
function ecrClients(options: (registry: Registry) => ClientOptions): EcrClients {
  const clients = new Map<string, ECRClient>();
  return (registry) => {
    const name = registryName(registry);
    const known = clients.get(name) ?? new ECRClient({ region: registry.region, ...options(registry) });
    clients.set(name, known);
    return known;
  };
}
