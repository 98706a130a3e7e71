import type { EcsCore } from "../ecs-core.ts";
import type { Deployment, Service, Task } from "../model.ts";
import { answerView } from "../views.ts";
import { tasksOf } from "./reconcile-service.ts";
import { revisionArn } from "./service-revisions.ts";

/** A service as answers show it, with what runs of it now. */
export function serviceView(core: EcsCore, service: Service, { withTags = false } = {}): object {
  const tasks = tasksOf(core, service);
  const { deployments, ...rest } = service;
  const countsOf = (deployment: Deployment) =>
    counts(tasks.filter(({ internal }) => internal.deployment === deployment.id));
  return {
    ...answerView(rest),
    ...counts(tasks),
    deployments: deployments.map((deployment) => ({ ...answerView(deployment), ...countsOf(deployment) })),
    currentServiceRevisions: deployments.map((deployment) => {
      const { runningCount: runningTaskCount, pendingCount: pendingTaskCount } = countsOf(deployment);
      const requestedTaskCount = deployment.desiredCount;
      return {
        arn: revisionArn(service, deployment),
        requestedTaskCount,
        runningTaskCount,
        pendingTaskCount,
      };
    }),
    tags: withTags ? service.internal.tags : [],
  };
}

function counts(tasks: readonly Task[]): { readonly runningCount: number; readonly pendingCount: number } {
  const runningCount = tasks.filter(({ lastStatus }) => lastStatus === "RUNNING").length;
  return { runningCount, pendingCount: tasks.length - runningCount };
}
