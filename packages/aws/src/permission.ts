/**
 * What an adapter needs, in terms of the product's resources; `stacks/` turns keys into ARNs and grants exactly this.
 * No SDK import here or in any `<port>.permissions.ts`: stacks read them.
 */
export type ResourceKey =
  | "table"
  | "table/gsi1"
  | "table/gsi2"
  | "bucket"
  | "bucket/listings"
  | "bucket/manifests"
  | "bucket/policy"
  | "bucket/registries"
  | "bucket/usage"
  | "queue/notice"
  | "queue/replica-check"
  | "queue/recount"
  | "queue/reconcile"
  | "queue/usage"
  | "queues/dead-letter"
  | "queues/redrive-source"
  | "parameter/slack-token"
  | "parameter/cursor-key"
  | "role/reader"
  | "role/writer";

export type Permission = { readonly actions: readonly string[]; readonly on: ResourceKey };
