import type { EcsCore } from "../ecs-core.ts";
import type { Service, Task } from "../model.ts";
import { answerView } from "../views.ts";
import { tasksOf } from "./reconcile-service.ts";

/** A service as answers show it, with what runs of it now. */
export function serviceView(core: EcsCore, service: Service, { withTags = false } = {}): object {
  const tasks = tasksOf(core, service);
  const { deployments, ...rest } = service;
  return {
    ...answerView(rest),
    ...counts(tasks),
    deployments: deployments.map((deployment) => ({
      ...answerView(deployment),
      ...counts(tasks.filter(({ internal }) => internal.deployment === deployment.id)),
    })),
    tags: withTags ? service.internal.tags : [],
  };
}

function counts(tasks: readonly Task[]): { readonly runningCount: number; readonly pendingCount: number } {
  const runningCount = tasks.filter(({ lastStatus }) => lastStatus === "RUNNING").length;
  return { runningCount, pendingCount: tasks.length - runningCount };
}
