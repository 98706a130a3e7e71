import type { EcsCore } from "../ecs-core.ts";
import type { Launcher } from "../launcher.ts";
import type { Service, Task } from "../model.ts";
import { stopTask } from "../task-changes.ts";
import { noteFailure, noteSuccess } from "./deployment-outcome.ts";
import { reconcileService } from "./reconcile-service.ts";
import { createDigestResolver } from "./resolve-digests.ts";

/** Keeps services at what they are to be. */
export type ServiceScheduler = {
  /** Something about a service has changed: it is looked at soon. */
  wake(serviceArn: string | undefined): void;
  /** Every service with tasks or wishes in a cluster: an instance came or went. */
  wakeCluster(clusterArn: string): void;
  /** Brings up a task of a service, by the digests of its deployment. */
  launch(task: Task): void;
  /** Services that are about to be looked at. */
  busy(): number;
  stop(): void;
};

/** Between two attempts at a task that cannot be started: doubled each time up to 15 minutes, of the cloud's clock. */
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 15 * 60 * 1000;

export function createServiceScheduler(core: EcsCore, launcher: Launcher): ServiceScheduler {
  const resolver = createDigestResolver(core);
  const awake = new Map<string, NodeJS.Immediate>();
  /** Services that wait before they start more, and how to end that. */
  const pausing = new Map<string, () => void>();

  function wake(serviceArn: string | undefined): void {
    if (serviceArn === undefined || awake.has(serviceArn)) return;
    awake.set(
      serviceArn,
      setImmediate(() => {
        awake.delete(serviceArn);
        look(serviceArn);
      }),
    );
  }

  function look(serviceArn: string): void {
    try {
      const { started, stopped } = reconcileService(core, serviceArn, { mayStart: !pausing.has(serviceArn) });
      for (const task of stopped) end(task);
      for (const task of started) launch(task);
      if (stopped.length > 0) wake(serviceArn);
    } catch (error) {
      core.onError(error);
    }
  }

  function end(task: Task): void {
    launcher.cancel(task.taskArn);
    const reason = `Scaling activity initiated by (deployment ${task.internal.deployment})`;
    stopTask(core, task.taskArn, { stopCode: "ServiceSchedulerInitiated", reason });
  }

  function launch(task: Task): void {
    void launcher
      .launch(task, (signal) => resolver.digestsFor(task, signal))
      .then(() => settle(task.taskArn));
  }

  function settle(taskArn: string): void {
    const task = core.state.tasks.get(taskArn);
    if (!task) return;
    const service = core.state.services.get(task.internal.service ?? "");
    if (service && task.lastStatus === "RUNNING") noteSuccess(core, service);
    if (service && task.stopCode === "TaskFailedToStart") pause(noteFailure(core, service, task));
    wake(task.internal.service);
  }

  function pause({ serviceArn, internal }: Service): void {
    pausing.get(serviceArn)?.();
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(internal.failures - 1, 20));
    const cancel = core.timers.after(delay, () => {
      pausing.delete(serviceArn);
      wake(serviceArn);
    });
    pausing.set(serviceArn, cancel);
  }

  return {
    wake,
    wakeCluster(clusterArn) {
      for (const { serviceArn } of core.state.services.of(clusterArn)) wake(serviceArn);
    },
    launch,
    busy: () => awake.size,
    stop() {
      for (const immediate of awake.values()) clearImmediate(immediate);
      for (const cancel of pausing.values()) cancel();
      awake.clear();
      pausing.clear();
    },
  };
}
