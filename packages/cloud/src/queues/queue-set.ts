import type { Timers } from "../clock/timers.ts";
import { type Journal, memoryJournal } from "./journal.ts";
import type { Message } from "./message.ts";
import { Queue } from "./queue.ts";
import type { QueueSettings } from "./queue-settings.ts";

export type QueueSet = {
  /** By ARN. */
  find(arn: string): Queue | undefined;
  all(): readonly Queue[];
  /** Queues whose messages end in this one. */
  sourcesOf(arn: string): readonly Queue[];
  /** Calls back after anything was added, taken or settled anywhere. */
  onChange(listener: () => void): () => void;
  stop(): void;
};

export type QueueSetOptions = {
  readonly timers: Timers;
  /** The cloud's time, epoch milliseconds. */
  readonly now: () => number;
  readonly journal?: Journal;
};

/** All queues of a cloud, wired to their dead-letter queues; throws when a redrive policy is one that SQS refuses. */
export function createQueues(settings: readonly QueueSettings[], options: QueueSetOptions): QueueSet {
  const { journal = memoryJournal(), timers, now } = options;
  const queues = new Map<string, Queue>();
  const listeners = new Set<() => void>();
  // Grows over restarts as well: a message that was kept stands before every later one.
  let order = Date.now() * 1000;

  for (const one of settings) {
    checkRedrive(one, settings);
    const dependencies = {
      timers,
      now,
      journal,
      nextOrder: () => ++order,
      deadLetter,
      onChange: () => {
        for (const listener of listeners) listener();
      },
    };
    queues.set(one.arn, new Queue(one, dependencies));
  }

  function deadLetter(from: QueueSettings, message: Message): boolean {
    const target = queues.get(from.redrive?.deadLetterTarget ?? "");
    target?.adoptDeadLetter(message, from.arn);
    return target !== undefined;
  }

  return {
    find: (arn) => queues.get(arn),
    all: () => [...queues.values()],
    sourcesOf: (arn) =>
      [...queues.values()].filter((queue) => queue.settings.redrive?.deadLetterTarget === arn),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop() {
      for (const queue of queues.values()) queue.stop();
      journal.close();
    },
  };
}

/** SQS: the dead-letter queue exists, in the same account and Region, and is FIFO exactly when its source is. */
function checkRedrive(queue: QueueSettings, all: readonly QueueSettings[]): void {
  if (!queue.redrive) return;
  const target = all.find((one) => one.arn === queue.redrive?.deadLetterTarget);
  if (!target)
    throw new Error(
      `Queue ${queue.arn}: its dead-letter queue ${queue.redrive.deadLetterTarget} does not exist`,
    );
  if (target.account !== queue.account || target.region !== queue.region)
    throw new Error(`Queue ${queue.arn}: its dead-letter queue must stand in the same account and Region`);
  if (target.fifo !== queue.fifo)
    throw new Error(
      `Queue ${queue.arn}: the dead-letter queue of a FIFO queue must be FIFO, and only of one`,
    );
}
