import type { EcsCore } from "./ecs-core.ts";
import type { ContainerInstance } from "./model.ts";
import { answerView } from "./views.ts";

/** An instance as answers show it, with what runs on it now. */
export function instanceView(core: EcsCore, instance: ContainerInstance, { withTags = false } = {}): object {
  const tasks = [...core.state.tasks.of(instance.clusterArn)].filter(
    (task) => task.containerInstanceArn === instance.containerInstanceArn,
  );
  return {
    ...answerView(instance),
    runningTasksCount: tasks.filter(({ lastStatus }) => lastStatus === "RUNNING").length,
    pendingTasksCount: tasks.filter(({ lastStatus }) => lastStatus === "PENDING").length,
    tags: withTags ? instance.internal.tags : [],
  };
}
