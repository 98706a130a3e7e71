import { ReconcileJob } from "@tallyman/domain/reconcile/job";
import * as z from "@tallyman/domain/zod";

/** What the schedule sends once a day; a discriminator of its own, as the scheduler's input cannot carry a job. */
const Scheduled = z.object({
  schedule: z.literal("reconcile"),
  execution: z.string().check(z.minLength(1), z.maxLength(200)),
});

export const ReconcileMessage = z.union([Scheduled, ReconcileJob]);
export type ReconcileMessage = z.infer<typeof ReconcileMessage>;
