import { ReconcileJob } from "@tallyman/domain/reconcile/job";
import * as z from "zod";

/** What the schedule sends once a day; a discriminator of its own, as the scheduler's input cannot carry a job. */
const Scheduled = z.object({ schedule: z.literal("reconcile"), execution: z.string().min(1).max(200) });

export const ReconcileMessage = z.union([Scheduled, ReconcileJob]);
export type ReconcileMessage = z.infer<typeof ReconcileMessage>;
