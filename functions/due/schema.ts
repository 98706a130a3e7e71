import * as z from "zod";

/** What the schedule sends once a minute. */
export const DueMessage = z.object({ schedule: z.literal("due"), execution: z.string().max(200) });
