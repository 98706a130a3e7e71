// Names that hub and members must agree on without seeing each other's state. Everything else is named by SST.

export const BUS_NAME = "tallyman";
export const READER_ROLE = "tallyman-reader";
export const WRITER_ROLE = "tallyman-writer";
export const SLACK_TOKEN_PARAMETER = "/tallyman/slack-token";
export const CURSOR_KEY_PARAMETER = "/tallyman/cursor-key";
export const POLICY_KEY = "policy/current.json";
export const REGISTRIES_KEY = "config/registries.json";
export const METRICS_NAMESPACE = "Tallyman";

/** The functions, by the folder that holds each one. */
export const FUNCTION_FOLDERS = [
  "image-action",
  "replication-action",
  "trail-action",
  "replica-check",
  "reconcile",
  "recount",
  "due",
  "usage-action",
  "collect-usage",
  "notify",
  "api",
] as const;
export type FunctionFolder = (typeof FUNCTION_FOLDERS)[number];

/** `tallyman-image-action`: the fixed name of a function's role, so that members can trust exactly this ARN. */
export function functionRoleName(folder: FunctionFolder): string {
  return `tallyman-${folder}`;
}

export function roleArn(account: string, name: string): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

/** The hub's bus, as members name it. */
export function busArnOf({ account, region }: { readonly account: string; readonly region: string }): string {
  return `arn:aws:events:${region}:${account}:event-bus/${BUS_NAME}`;
}

/** `image-action` -> `ImageAction`: a function's logical name. */
export function logicalName(folder: FunctionFolder): string {
  return folder.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
}
