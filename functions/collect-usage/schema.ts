import { RunId } from "@tallyman/domain/reconcile/job";
import { AccountId, Region } from "@tallyman/domain/registry/registry";
import { Scope, SourceName } from "@tallyman/domain/usage/names";
import * as z from "@tallyman/domain/zod";

/** What the schedule sends. */
const Scheduled = z.object({ schedule: z.literal("usage"), execution: RunId });
export type Scheduled = z.infer<typeof Scheduled>;

const step = {
  account: AccountId,
  region: Region,
  run: RunId,
  part: z.int().check(z.minimum(0), z.maximum(10_000)),
  next: z.exactOptional(z.string().check(z.maxLength(200_000))),
  startedAt: z.exactOptional(z.iso.datetime()),
};

const UsageJob = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("collect"), source: SourceName, ...step }),
  z.strictObject({ kind: z.literal("consumers"), ...step }),
  z.strictObject({
    kind: z.literal("apply"),
    source: SourceName,
    scope: Scope,
    sequence: z.int().check(z.minimum(1)),
    asked: RunId,
  }),
]);

export type CollectionJob = Exclude<z.infer<typeof UsageJob>, { kind: "apply" }>;
export type CollectJob = Extract<CollectionJob, { kind: "collect" }>;
export type ConsumersJob = Extract<CollectionJob, { kind: "consumers" }>;
export type ApplyJob = Extract<z.infer<typeof UsageJob>, { kind: "apply" }>;

export const UsageMessage = z.union([Scheduled, UsageJob]);
export type UsageMessage = z.infer<typeof UsageMessage>;
