import { DeadLetterQueueNotFoundError, RedriveRunningError } from "@tallyman/domain/dead-letter/errors";
import type { DeadLetterQueues, Redrive } from "@tallyman/domain/dead-letter/ports";

/** Dead-letter queues by name with their number of messages. A move takes until `finish` is called. */
export function memoryDeadLetters(
  counts: Readonly<Record<string, number>>,
): DeadLetterQueues & { finish(name: string): void } {
  const queues = new Map(
    Object.entries(counts).map(([name, messages]) => [name, { messages, moves: [] as Redrive[] }]),
  );
  const find = (name: string) => {
    const queue = queues.get(name);
    if (queue === undefined) throw new DeadLetterQueueNotFoundError(name, [...queues.keys()]);
    return queue;
  };
  return {
    list: async () => [...queues].map(([name, { messages }]) => ({ name, messages })),
    listRedrives: async (name) => find(name).moves,
    redrive: async (name) => {
      const { moves, messages } = find(name);
      if (moves[0]?.state === "running") throw new RedriveRunningError(name);
      moves.unshift({ state: "running", startedAt: "2026-11-21T12:00:00.000Z", moved: 0, toMove: messages });
      return { task: `task-${moves.length}` };
    },
    finish: (name) => {
      const queue = find(name);
      const [latest] = queue.moves;
      if (latest !== undefined) queue.moves[0] = { ...latest, state: "completed", moved: queue.messages };
      queue.messages = 0;
    },
  };
}
