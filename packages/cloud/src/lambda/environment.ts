import type { FunctionDefinition } from "./function-definition.ts";

/** What AssumeRole gave for a function's role. */
export type RoleCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
};

// A service's regional endpoint: sqs.us-east-1.amazonaws.com. A bucket's or a registry's host has a further label and
// is not rewritten: nothing but path style works on one local port.
const SERVICE_HOST = /https:\/\/[a-z0-9-]+\.(?:[a-z]{2}-[a-z]+-\d\.)?amazonaws\.com(?=[/"'\s,]|$)/g;
const SLACK_HOST = /https:\/\/slack\.com\/api/g;
const STILL_AWS = /amazonaws\.com|\.api\.aws|slack\.com/;

/**
 * Rewrites values that name AWS's or Slack's hosts to the local port: an SDK prefers a queue URL's host to
 * `AWS_ENDPOINT_URL`. Throws when one still names them: nothing may leave the machine.
 */
export function localEnvironment(definition: FunctionDefinition, endpoint: string): Record<string, string> {
  const slack = `${endpoint}/_embedded/slack/api`;
  const entries = Object.entries(definition.environment).map(([key, value]) => {
    const local = value.replace(SERVICE_HOST, endpoint).replace(SLACK_HOST, slack);
    if (!STILL_AWS.test(local)) return [key, local];
    throw new Error(`Function ${definition.name}: ${key} names a host outside this machine: ${local}`);
  });
  return Object.fromEntries(entries);
}

/** The whole environment of a worker: the function's own variables and what the Lambda runtime sets, nothing else. */
export function workerEnvironment(
  definition: FunctionDefinition,
  endpoint: string,
  credentials: RoleCredentials,
): Record<string, string> {
  return {
    ...localEnvironment(definition, endpoint),
    ...runtimeVariables(definition),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    // Nothing of the user's own AWS set-up reaches a function.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    TZ: "UTC",
    LANG: "en_US.UTF-8",
  };
}

function runtimeVariables(definition: FunctionDefinition): Record<string, string> {
  return {
    AWS_REGION: definition.region,
    AWS_DEFAULT_REGION: definition.region,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: definition.logFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "embedded",
    LAMBDA_TASK_ROOT: definition.file.slice(0, definition.file.lastIndexOf("/")),
    _HANDLER: definition.handler,
  };
}
