import type { Snapshot } from "@tallyman/cloud/topology/snapshot";
import * as z from "zod";
import { bothOf, type Check, ofType, statementsOf } from "./resources.ts";

const Table = z.object({
  deletionProtectionEnabled: z.boolean().optional(),
  pointInTimeRecovery: z.object({ enabled: z.boolean() }).optional(),
  ttl: z.object({ attributeName: z.literal("expiresAt"), enabled: z.literal(true) }),
  hashKey: z.literal("pk"),
  rangeKey: z.literal("sk"),
});

/** Of the production stage, which is what the snapshots show. */
export const tablesAreProtected: Check = (snapshots) =>
  bothOf(snapshots).flatMap((snapshot) =>
    ofType(snapshot, "aws:dynamodb/table:Table").flatMap(([name, inputs]) => {
      const table = Table.safeParse(inputs);
      if (!table.success) return [`the table ${name}: ${z.prettifyError(table.error)}`];
      return [
        ...(table.data.pointInTimeRecovery?.enabled
          ? []
          : [`the table ${name} has no point-in-time recovery`]),
        ...(table.data.deletionProtectionEnabled ? [] : [`the table ${name} may be deleted`]),
      ];
    }),
  );

/** Private, encrypted, versioned, never emptied by a deployment, and TLS only. */
export const bucketsAreClosed: Check = (snapshots) =>
  bothOf(snapshots).flatMap((snapshot) =>
    ofType(snapshot, "aws:s3/bucket:Bucket").flatMap(([name, { bucket, forceDestroy }]) =>
      [
        !has(snapshot, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", bucket, isBlocked) &&
          "is not private",
        !has(snapshot, "aws:s3/bucketVersioning:BucketVersioning", bucket, isVersioned) && "is not versioned",
        !has(snapshot, ENCRYPTION, bucket, ({ rules }) => Array.isArray(rules)) && "is not encrypted by rule",
        !has(snapshot, "aws:s3/bucketPolicy:BucketPolicy", bucket, deniesPlainHttp) && "answers without TLS",
        forceDestroy === true && "is emptied when it is removed",
      ]
        .filter((problem) => problem !== false)
        .map((problem) => `the bucket ${name} ${problem}`),
    ),
  );

const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
type Inputs = Readonly<Record<string, unknown>>;

function has(
  snapshot: Snapshot,
  type: string,
  bucket: unknown,
  isRight: (inputs: Inputs) => boolean,
): boolean {
  return ofType(snapshot, type).some(([, inputs]) => inputs["bucket"] === bucket && isRight(inputs));
}

function isBlocked(inputs: Inputs): boolean {
  return ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].every(
    (name) => inputs[name] === true,
  );
}

function isVersioned({ versioningConfiguration }: Inputs): boolean {
  return z.object({ status: z.literal("Enabled") }).safeParse(versioningConfiguration).success;
}

function deniesPlainHttp({ policy }: Inputs): boolean {
  return statementsOf(policy).some(
    ({ Effect, Condition }) =>
      Effect === "Deny" && Condition?.["Bool"]?.["aws:SecureTransport"]?.includes("false"),
  );
}
