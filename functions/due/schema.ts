import * as z from "@tallyman/domain/zod";

/** What the schedule sends once a minute. */
export const DueMessage = z.object({
  schedule: z.literal("due"),
  execution: z.string().check(z.maxLength(200)),
});
