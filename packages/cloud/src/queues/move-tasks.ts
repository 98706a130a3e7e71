import { randomUUID } from "node:crypto";
import type { Message } from "./message.ts";
import type { Queue } from "./queue.ts";
import type { QueueSet } from "./queue-set.ts";

/** One StartMessageMoveTask. Messages move within the call: nothing here is slow enough to run beside it. */
export type MoveTask = {
  readonly handle: string;
  readonly source: string;
  /** Undefined: each message goes back to where it came from. */
  readonly destination: string | undefined;
  readonly startedAt: number;
  readonly moved: number;
  readonly toMove: number;
  readonly status: "COMPLETED" | "FAILED";
  readonly failure?: string | undefined;
};

export type MoveTasks = {
  start(source: Queue, destination?: Queue): MoveTask;
  /** Newest first. */
  list(source: string): readonly MoveTask[];
};

export function createMoveTasks(queues: QueueSet, now: () => number): MoveTasks {
  const tasks: MoveTask[] = [];

  function start(source: Queue, destination?: Queue): MoveTask {
    const { visible: toMove } = source.counts();
    let moved = 0;
    const accept = (message: Message) => {
      const target = destination ?? queues.find(message.deadLetterSource ?? "");
      target?.adoptRedriven(message);
      return target !== undefined;
    };
    while (moved < toMove && source.moveFirst(accept)) moved += 1;
    const task: MoveTask = {
      handle: Buffer.from(randomUUID()).toString("base64"),
      source: source.settings.arn,
      destination: destination?.settings.arn,
      startedAt: now(),
      moved,
      toMove,
      status: moved === toMove ? "COMPLETED" : "FAILED",
      failure: moved === toMove ? undefined : "CouldNotDetermineMessageSource",
    };
    tasks.unshift(task);
    tasks.length = Math.min(tasks.length, 100);
    return task;
  }

  return { start, list: (source) => tasks.filter((task) => task.source === source) };
}
