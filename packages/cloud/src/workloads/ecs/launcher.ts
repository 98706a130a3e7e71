import type { EcsCore } from "./ecs-core.ts";
import type { Task } from "./model.ts";
import { type Digests, startTask } from "./start-task.ts";

/** Brings tasks up, a few at a time: the others wait, as they would for an agent. */
export type Launcher = {
  /** Resolves when the task runs, has failed, or was cancelled. Never rejects. `digests` is asked when its turn has come. */
  launch(task: Task, digests?: (signal: AbortSignal) => Promise<Digests>): Promise<void>;
  /** The task is not to be started any more. */
  cancel(taskArn: string): void;
  /** Tasks that are being started or wait for it. */
  busy(): number;
  /** Cancels all of them, and resolves when nothing is under way. */
  cancelAll(): Promise<void>;
  /** The same, and from now on nothing is started: it is at the next start of the cloud. */
  stop(): Promise<void>;
};

/** Tasks that pull at the same time. */
const AT_ONCE = 16;

export function createLauncher(core: EcsCore): Launcher {
  const controllers = new Map<string, AbortController>();
  const underWay = new Set<Promise<void>>();
  const waiting: (() => void)[] = [];
  let active = 0;
  let stopped = false;

  async function turn(): Promise<void> {
    if (active >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else active += 1;
  }

  /** The turn goes to the next one, who need not count. */
  function done(): void {
    const next = waiting.shift();
    if (next) next();
    else active -= 1;
  }

  async function bringUp(
    task: Task,
    { signal }: AbortController,
    digests: (signal: AbortSignal) => Promise<Digests>,
  ): Promise<void> {
    await turn();
    try {
      if (!signal.aborted) await startTask(core, task, { signal, digests: await digests(signal) });
    } finally {
      done();
    }
  }

  async function cancelAll(): Promise<void> {
    for (const controller of controllers.values()) controller.abort();
    await Promise.all(underWay);
  }

  return {
    launch(task, digests = () => Promise.resolve({})) {
      if (stopped) return Promise.resolve();
      const controller = new AbortController();
      controllers.set(task.taskArn, controller);
      const started = bringUp(task, controller, digests)
        .catch((error: unknown) => {
          if (!controller.signal.aborted) core.onError(error);
        })
        .finally(() => {
          if (controllers.get(task.taskArn) === controller) controllers.delete(task.taskArn);
          underWay.delete(started);
        });
      underWay.add(started);
      return started;
    },
    cancel: (taskArn) => controllers.get(taskArn)?.abort(),
    busy: () => underWay.size,
    cancelAll,
    stop() {
      stopped = true;
      return cancelAll();
    },
  };
}
