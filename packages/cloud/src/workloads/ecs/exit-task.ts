import * as z from "zod";
import { AwsError } from "../../http/aws-service.ts";
import type { EcsContext } from "./ecs-call.ts";
import { stopTask } from "./task-changes.ts";

const Exit = z.strictObject({ task: z.string(), exitCode: z.number().int().min(0).max(255).default(0) });

/**
 * `POST /_embedded/ecs/exit`: a running task's containers end by themselves, as a batch job's do. There is no such call on AWS.
 *
 * @throws ZodError; AwsError for a task that does not run
 */
export function exitTask({ core, scheduler }: EcsContext, body: unknown): { readonly exited: string } {
  const { task: taskArn, exitCode } = Exit.parse(body);
  const task = core.state.tasks.get(taskArn);
  if (task?.lastStatus !== "RUNNING")
    throw new AwsError("InvalidParameterException", `No task ${taskArn} runs; give its ARN.`);
  stopTask(core, taskArn, {
    stopCode: "EssentialContainerExited",
    reason: "Essential container in task exited",
    containers: Object.fromEntries(task.containers.map(({ name }) => [name, { exitCode }])),
  });
  scheduler.wake(task.internal.service);
  return { exited: taskArn };
}
