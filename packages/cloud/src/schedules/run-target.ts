import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import { checkStarted, type RunTask, startTasks } from "../events/ecs-target.ts";
import { AwsError } from "../http/aws-service.ts";
import type { SendToQueue } from "../queues/service-send.ts";
import type { Schedule } from "./schedule.ts";

/** Scheduler calls any API; here this one. */
export const RUN_TASK = "arn:aws:scheduler:::aws-sdk:ecs:runTask";

/** Does what a schedule is for, once. @throws AwsError */
export function runTarget(
  deps: { readonly sendToQueue: SendToQueue; readonly runTask: RunTask },
  {
    schedule,
    caller,
    input,
  }: { readonly schedule: Schedule; readonly caller: Caller; readonly input: string },
): void {
  const { target, account, region, name } = schedule;
  if (target.ecs)
    startTasks(deps.runTask, {
      ...{ caller, cluster: target.arn, parameters: target.ecs, input },
      startedBy: `chronos-schedule/${name}`,
    });
  else if (target.arn === RUN_TASK) checkStarted(deps.runTask({ caller, account, region }, callInput(input)));
  else
    deps.sendToQueue({
      caller,
      queueArn: target.arn,
      body: input,
      group: target.arn.endsWith(".fifo") ? target.messageGroupId : undefined,
      context: {},
    });
}

/** A universal target's input names the call's fields with a capital (User Guide, "Using universal targets"). */
function callInput(text: string): object {
  const input = lowerFirst(parsed(text));
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  throw new AwsError("ValidationException", "The input of a universal target is a JSON object.");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lowerFirst(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerFirst);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      lowerFirst(inner),
    ]),
  );
}
