import { createRequire } from "node:module";

/** The AWS SDK's client of each service that our policies name; an IAM action here is called like the operation it allows. */
const CLIENTS: Readonly<Record<string, string>> = {
  dynamodb: "@aws-sdk/client-dynamodb",
  ecr: "@aws-sdk/client-ecr",
  ecs: "@aws-sdk/client-ecs",
  events: "@aws-sdk/client-eventbridge",
  inspector2: "@aws-sdk/client-inspector2",
  lambda: "@aws-sdk/client-lambda",
  s3: "@aws-sdk/client-s3",
  scheduler: "@aws-sdk/client-scheduler",
  sqs: "@aws-sdk/client-sqs",
  ssm: "@aws-sdk/client-ssm",
  sts: "@aws-sdk/client-sts",
};

const require = createRequire(import.meta.url);

/** Actions that are called otherwise than what they allow. */
const OPERATIONS: Readonly<Record<string, string>> = { "s3:ListBucket": "ListObjectsV2" };

/** Actions that AWS does not have: IAM accepts a misspelled one and never grants it. */
export function unknownActions(actions: readonly string[]): readonly string[] {
  return actions.filter((action) => {
    const [service = "", operation = ""] = action.split(":");
    const client = CLIENTS[service];
    return client === undefined || !(`${OPERATIONS[action] ?? operation}Command` in require(client));
  });
}
