import * as z from "zod";
import type { RunTask } from "../events/ecs-target.ts";
import { AwsError } from "../http/aws-service.ts";
import type { Ecs } from "../workloads/ecs/create-ecs.ts";

export type TaskRunner = {
  /** Starts tasks for a rule or a schedule. */
  readonly runTask: RunTask;
  /** ECS tells of its tasks on the buses, so it comes after what calls it. */
  serve(ecs: Pick<Ecs, "runTask">): void;
};

export function createTaskRunner(onError: (error: unknown) => void): TaskRunner {
  let ecs: Pick<Ecs, "runTask"> | undefined;
  return {
    runTask(at, input) {
      if (!ecs) throw new AwsError("ServerException", "ECS is not there yet.", 500);
      try {
        return ecs.runTask(at, input);
      } catch (error) {
        if (error instanceof AwsError) throw error;
        if (error instanceof z.ZodError)
          throw new AwsError("InvalidParameterException", z.prettifyError(error));
        // Nobody waits for a rule's target who could be told: an error of ours must not end the cloud.
        onError(error);
        throw new AwsError("InternalFailure", "Internal error", 500);
      }
    },
    serve(started) {
      ecs = started;
    },
  };
}
