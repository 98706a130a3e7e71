import type { Message } from "./message.ts";

/** The order in which one queue hands out its messages. Times are elapsed milliseconds. */
export type Line = {
  insert(message: Message): void;
  remove(message: Message): void;
  /** `message.visibleAt` was changed. */
  moved(message: Message): void;
  /** At most `max` messages that may be received now, in the order to receive them. */
  available(now: number, max: number): readonly Message[];
  /** When `available` may next grow without anyone doing anything. */
  nextVisible(now: number): number | undefined;
};

/** Standard queues: whatever is visible, oldest first; a message that comes back goes to the end. */
export function standardLine(): Line {
  const ready = new Map<string, Message>();
  const hidden = new Map<string, Message>();

  function remove(message: Message): void {
    ready.delete(message.id);
    hidden.delete(message.id);
  }

  function moved(message: Message): void {
    remove(message);
    hidden.set(message.id, message);
  }

  return {
    insert: moved,
    remove,
    moved,
    available(now, max) {
      for (const message of hidden.values()) {
        if (message.visibleAt > now) continue;
        hidden.delete(message.id);
        ready.set(message.id, message);
      }
      return [...ready.values().take(max)];
    },
    nextVisible: () => earliest(hidden.values()),
  };
}

/**
 * FIFO queues: within a group strictly by arrival, and nothing of a group while one of its messages is in flight
 * (SQS Developer Guide, "FIFO queue delivery logic"). Received messages of a group always stand before the others.
 */
export function fifoLine(): Line {
  const groups = new Map<string, Message[]>();

  function remove(message: Message): void {
    const group = groups.get(message.group ?? "") ?? [];
    const position = group.indexOf(message);
    if (position >= 0) group.splice(position, 1);
    if (group.length === 0) groups.delete(message.group ?? "");
  }

  return {
    insert(message) {
      const group = groups.get(message.group ?? "") ?? [];
      const position = group.findLastIndex((one) => one.order < message.order) + 1;
      group.splice(position, 0, message);
      groups.set(message.group ?? "", group);
    },
    remove,
    moved: () => undefined,
    available(now, max) {
      const found: Message[] = [];
      for (const group of groups.values()) {
        if (found.length >= max) break;
        if (holdUntil(group) > now) continue;
        const held = group.findIndex((message) => message.visibleAt > now);
        found.push(...group.slice(0, Math.min(max - found.length, held < 0 ? group.length : held)));
      }
      return found;
    },
    nextVisible: (now) => {
      const holds = [...groups.values()].map(holdUntil).filter((time) => time > now);
      return holds.length > 0 ? Math.min(...holds) : undefined;
    },
  };
}

/** A group waits for every message that was received and not settled, and for the delay of its first one. */
function holdUntil(group: readonly Message[]): number {
  let hold = group[0]?.visibleAt ?? 0;
  for (const message of group) {
    if (message.receiveCount === 0) break;
    hold = Math.max(hold, message.visibleAt);
  }
  return hold;
}

function earliest(messages: Iterable<Message>): number | undefined {
  let time: number | undefined;
  for (const message of messages) time = Math.min(time ?? message.visibleAt, message.visibleAt);
  return time;
}
