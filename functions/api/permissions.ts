import { auditTrailPermissions } from "@tallyman/aws/dynamodb/audit-trail.permissions";
import { brakeStorePermissions } from "@tallyman/aws/dynamodb/brake-store.permissions";
import { inventoryQueriesPermissions } from "@tallyman/aws/dynamodb/inventory-queries.permissions";
import { manifestHeadsPermissions } from "@tallyman/aws/dynamodb/manifest-store.permissions";
import { runLogReadPermissions, runLogWritePermissions } from "@tallyman/aws/dynamodb/run-log.permissions";
import {
  sourceStateListingPermissions,
  sourceStateStorePermissions,
} from "@tallyman/aws/dynamodb/source-state-store.permissions";
import { usageReadingPermissions } from "@tallyman/aws/dynamodb/usage-store.permissions";
import { inspectorClustersPermissions } from "@tallyman/aws/inspector/clusters-of-image.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { consumersReadingPermissions } from "@tallyman/aws/s3/consumers-store.permissions";
import { listingReadingPermissions } from "@tallyman/aws/s3/listing-store.permissions";
import { policySourcePermissions } from "@tallyman/aws/s3/policy-source.permissions";
import { registriesSourcePermissions } from "@tallyman/aws/s3/registries-source.permissions";
import { snapshotWritingPermissions } from "@tallyman/aws/s3/snapshot-store.permissions";
import { deadLetterQueuesPermissions } from "@tallyman/aws/sqs/dead-letter-queues.permissions";
import { secretParameterPermissions } from "@tallyman/aws/ssm/secret-parameter.permissions";

// What single images, tags and summaries need to be read is among what the queries need; sending to the queues of reconciles
// and of usage is among what moving dead letters back needs.
export const permissions = mergePermissions(
  inventoryQueriesPermissions,
  listingReadingPermissions,
  manifestHeadsPermissions,
  brakeStorePermissions,
  auditTrailPermissions,
  policySourcePermissions,
  registriesSourcePermissions,
  deadLetterQueuesPermissions,
  usageReadingPermissions,
  sourceStateStorePermissions,
  sourceStateListingPermissions,
  snapshotWritingPermissions,
  consumersReadingPermissions,
  inspectorClustersPermissions,
  runLogReadPermissions,
  runLogWritePermissions,
  secretParameterPermissions("parameter/cursor-key"),
);
