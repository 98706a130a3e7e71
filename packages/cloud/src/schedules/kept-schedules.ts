import * as z from "zod";
import { EcsParameters } from "../events/ecs-target.ts";
import { keepWhole, readKept } from "../kept-file.ts";
import type { Schedule } from "./schedule.ts";
import { parseSchedulerExpression } from "./schedule-expression.ts";
import type { Scheduler } from "./scheduler.ts";

const KeptSchedule = z.object({
  name: z.string(),
  logicalName: z.string(),
  arn: z.string(),
  account: z.string(),
  region: z.string(),
  enabled: z.boolean(),
  written: z.object({ expression: z.string(), timezone: z.string() }),
  window: z.object({ start: z.coerce.date().optional(), end: z.coerce.date().optional() }).optional(),
  deletedAfter: z.boolean().exactOptional(),
  description: z.string().optional(),
  made: z.object({ created: z.string(), modified: z.string() }).optional(),
  target: z.object({
    arn: z.string(),
    messageGroupId: z.string().optional(),
    ecs: EcsParameters.optional(),
  }),
  roleArn: z.string(),
  input: z.string(),
  deadLetter: z.string().optional(),
  retry: z.object({ maximumAttempts: z.number(), maximumAge: z.number() }),
});

/** Takes up the schedules that calls made, and keeps what becomes of them in a file; those of the stacks are made anew at each start. */
export async function keepSchedules(scheduler: Scheduler, file: string): Promise<void> {
  for (const kept of (await readKept(file, z.array(KeptSchedule), "schedules")) ?? [])
    scheduler.put(scheduleOf(kept));
  const made = () => scheduler.all().filter(({ arn }) => !scheduler.isDeclared(arn));
  scheduler.keepWith(keepWhole(file, () => JSON.stringify(made())));
}

function scheduleOf(kept: z.infer<typeof KeptSchedule>): Schedule {
  const { expression, timezone } = kept.written;
  return { ...kept, deadLetter: kept.deadLetter, expression: parseSchedulerExpression(expression, timezone) };
}
