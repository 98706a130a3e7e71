import { type EcsCore, nowOf } from "./ecs-core.ts";

/** ECS shows a stopped task for an hour at least; here it is an hour by the cloud's clock. */
export const STOPPED_FOR = 60 * 60 * 1000;

/** Forgets the tasks that stopped, and the services that were deleted, an hour ago. */
export function forgetStopped(core: EcsCore): void {
  const before = nowOf(core) - STOPPED_FOR;
  for (const { taskArn, stoppedAt } of core.state.tasks.all())
    if (stoppedAt !== undefined && stoppedAt <= before) core.state.tasks.delete(taskArn);
  for (const { serviceArn, internal } of core.state.services.all())
    if (internal.inactiveAt !== undefined && internal.inactiveAt <= before)
      core.state.services.delete(serviceArn);
}
