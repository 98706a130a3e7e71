import { DeadLetterQueueNotFoundError, RedriveRunningError } from "@tallyman/domain/dead-letter/errors";
import type { DeadLetterQueues, Redrive } from "@tallyman/domain/dead-letter/ports";

type Queue = { messages: number; moves: Redrive[]; unseen: boolean };

/** Dead-letter queues by name with their messages. A move shows from the second look on, and takes until `finish`. */
export function memoryDeadLetters(
  counts: Readonly<Record<string, number>>,
): DeadLetterQueues & { finish(name: string): void } {
  const queues = new Map<string, Queue>();
  for (const [name, messages] of Object.entries(counts))
    queues.set(name, { messages, moves: [], unseen: false });
  const find = (name: string) => {
    const queue = queues.get(name);
    if (queue === undefined) throw new DeadLetterQueueNotFoundError(name, [...queues.keys()]);
    return queue;
  };
  return {
    list: async () => [...queues].map(([name, { messages }]) => ({ name, messages })),
    listRedrives: async (name) => {
      const queue = find(name);
      const seen = queue.unseen ? queue.moves.slice(1) : queue.moves;
      queue.unseen = false;
      return seen;
    },
    redrive: async (name) => {
      const queue = find(name);
      if (queue.moves[0]?.state === "running") throw new RedriveRunningError(name);
      const startedAt = `2026-11-21T12:00:0${queue.moves.length}.000Z`;
      queue.moves.unshift({ state: "running", startedAt, moved: 0, toMove: queue.messages });
      queue.unseen = true;
      return { task: `task-${queue.moves.length}` };
    },
    finish: (name) => {
      const queue = find(name);
      const [latest] = queue.moves;
      if (latest !== undefined) queue.moves[0] = { ...latest, state: "completed", moved: queue.messages };
      queue.messages = 0;
      queue.unseen = false;
    },
  };
}
