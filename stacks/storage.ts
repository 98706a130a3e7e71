import { randomBytes } from "node:crypto";
import type { Deployment } from "./deployment.ts";
import { CURSOR_KEY_PARAMETER, POLICY_KEY, REGISTRIES_KEY, SLACK_TOKEN_PARAMETER } from "./names.ts";

/** The inventory's table: keys as `packages/aws/src/dynamodb/layout.ts` states them. */
export function createTable(): sst.aws.Dynamo {
  const production = $app.stage === "production";
  return new sst.aws.Dynamo("Inventory", {
    fields: {
      pk: "string",
      sk: "string",
      gsi1pk: "string",
      gsi1sk: "string",
      gsi2pk: "string",
      gsi2sk: "string",
    },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    globalIndexes: {
      gsi1: { hashKey: "gsi1pk", rangeKey: "gsi1sk" },
      gsi2: { hashKey: "gsi2pk", rangeKey: "gsi2sk" },
    },
    ttl: "expiresAt",
    deletionProtection: production,
    transform: { table: { pointInTimeRecovery: { enabled: production } } },
  });
}

const USAGE_REPORT_DAYS = 90;

/** Manifests by digest, listings by repository, reports of usage, the policy in force, the declared registries. S3 blocks public access; HTTP without TLS is refused by SST's bucket policy. */
export function createBucket({ registries }: Deployment): sst.aws.Bucket {
  const production = $app.stage === "production";
  const bucket = new sst.aws.Bucket("Archive", {
    versioning: true,
    cors: false,
    transform: { bucket: { forceDestroy: !production } },
  });
  new aws.s3.BucketServerSideEncryptionConfiguration("ArchiveEncryption", {
    bucket: bucket.name,
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
  });
  // Listings are overwritten all the time and can be counted again: what they were is kept for a day only.
  new aws.s3.BucketLifecycleConfiguration("ArchiveLifecycle", {
    bucket: bucket.name,
    rules: [
      {
        id: "listings",
        status: "Enabled",
        filter: { prefix: "listings/" },
        noncurrentVersionExpiration: { noncurrentDays: 1 },
      },
      // A report is compared with the one before it. A source that has been silent for this long blocks until it reports anew.
      {
        id: "usage-reports",
        status: "Enabled",
        filter: { prefix: "usage/snapshots/" },
        expiration: { days: USAGE_REPORT_DAYS },
        noncurrentVersionExpiration: { noncurrentDays: 1 },
      },
      {
        id: "usage-collections",
        status: "Enabled",
        filter: { prefix: "usage/partial/" },
        expiration: { days: 2 },
        noncurrentVersionExpiration: { noncurrentDays: 1 },
      },
      {
        id: "usage-consumers",
        status: "Enabled",
        filter: { prefix: "usage/consumers/" },
        noncurrentVersionExpiration: { noncurrentDays: 1 },
      },
    ],
  });
  new aws.s3.BucketObjectv2("Policy", {
    bucket: bucket.name,
    key: POLICY_KEY,
    contentType: "application/json",
    source: new $util.asset.FileAsset("dist/policy.json"),
  });
  new aws.s3.BucketObjectv2("Registries", {
    bucket: bucket.name,
    key: REGISTRIES_KEY,
    contentType: "application/json",
    content: JSON.stringify({ registries }),
  });
  return bucket;
}

export type Parameters = { readonly slackToken: aws.ssm.Parameter; readonly cursorKey: aws.ssm.Parameter };

/** Secrets: a deployment creates them once and never overwrites what a person put there. */
export function createParameters(): Parameters {
  const slackToken = new aws.ssm.Parameter(
    "SlackToken",
    { name: SLACK_TOKEN_PARAMETER, type: "SecureString", value: "set-me: a Slack bot token, xoxb-..." },
    { ignoreChanges: ["value"] },
  );
  const cursorKey = new aws.ssm.Parameter(
    "CursorKey",
    {
      name: CURSOR_KEY_PARAMETER,
      type: "SecureString",
      // Read at the first deployment only.
      value: $util.secret(randomBytes(32).toString("base64")),
    },
    { ignoreChanges: ["value"] },
  );
  return { slackToken, cursorKey };
}
