import { ReconcileJob, RunId } from "@tallyman/domain/reconcile/job";
import { RegistryCheckJob } from "@tallyman/domain/registry/check-job";
import * as z from "@tallyman/domain/zod";

/** What the schedules send; a discriminator of its own, as the scheduler's input cannot carry a job. */
const Scheduled = z.object({ schedule: z.enum(["reconcile", "reconcile-changed"]), execution: RunId });
export type Scheduled = z.infer<typeof Scheduled>;

export const ReconcileMessage = z.union([Scheduled, ReconcileJob, RegistryCheckJob]);
export type ReconcileMessage = z.infer<typeof ReconcileMessage>;
/** One step of the work on one registry. */
export type Job = Exclude<ReconcileMessage, Scheduled>;
