import type { Json } from "../../events/json.ts";
import type { RegistryEvents } from "../../events/registry-events.ts";
import { placeOf } from "./arns.ts";
import type { Container, Task } from "./model.ts";
import { eventView } from "./views.ts";

/** What ECS tells the default bus of the account and Region (source `aws.ecs`). */
export type EcsEvents = {
  taskChanged(task: Task): void;
  emit(event: {
    readonly detailType: string;
    readonly resource: string;
    readonly detail: Readonly<Record<string, unknown>>;
  }): void;
};

export function createEcsEvents(deps: {
  readonly publish: RegistryEvents["publish"];
  readonly now: () => Date;
}): EcsEvents {
  const emit: EcsEvents["emit"] = ({ detailType, resource, detail }) =>
    deps.publish(
      {
        ...placeOf(resource),
        detailType,
        time: deps.now(),
        resources: [resource],
        detail: detail as { readonly [key: string]: Json },
      },
      "aws.ecs",
    );
  return {
    emit,
    taskChanged: (task) =>
      emit({
        detailType: "ECS Task State Change",
        resource: task.taskArn,
        detail: taskDetail(task, deps.now()),
      }),
  };
}

/** ECS Developer Guide, "Amazon ECS task state change events". */
function taskDetail(task: Task, now: Date): Record<string, unknown> {
  const { containers, ...rest } = task;
  return {
    ...eventView(rest),
    containers: containers.map(containerDetail),
    updatedAt: now.toISOString(),
  };
}

function containerDetail({ networkBindings, healthStatus, memoryReservation, ...container }: Container) {
  return eventView(container);
}
