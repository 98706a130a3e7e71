/** A message as the sink received it. */
export type SlackMessage = {
  /** Slack's id of a message in its channel: epoch seconds with six digits, unique here. */
  readonly ts: string;
  readonly channel: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  /** The message that this one answers. */
  readonly threadTs: string | undefined;
  /** How often `chat.update` replaced it. */
  readonly updates: number;
};

export type NewMessage = Pick<SlackMessage, "channel" | "text" | "blocks" | "threadTs">;

export type SlackMessages = {
  post(message: NewMessage): SlackMessage;
  /** Undefined: there is no such message in the channel. */
  update(ts: string, message: NewMessage): SlackMessage | undefined;
  /** In the order of posting. */
  list(): readonly SlackMessage[];
  clear(): void;
};

/** Only the last `limit` messages are kept. */
export function createSlackMessages(now: () => Date, limit = 10_000): SlackMessages {
  const messages = new Map<string, SlackMessage>();
  let sequence = 0;

  function post(message: NewMessage): SlackMessage {
    sequence += 1;
    const ts = `${Math.floor(now().getTime() / 1000)}.${String(sequence % 1_000_000).padStart(6, "0")}`;
    const posted = { ...message, ts, updates: 0 };
    messages.set(keyOf(message.channel, ts), posted);
    for (const oldest of messages.keys()) {
      if (messages.size <= limit) break;
      messages.delete(oldest);
    }
    return posted;
  }

  function update(ts: string, { text, blocks, channel }: NewMessage): SlackMessage | undefined {
    const found = messages.get(keyOf(channel, ts));
    if (!found) return undefined;
    const updated = { ...found, text, blocks, updates: found.updates + 1 };
    messages.set(keyOf(channel, ts), updated);
    return updated;
  }

  return { post, update, list: () => [...messages.values()], clear: () => messages.clear() };
}

function keyOf(channel: string, ts: string): string {
  return `${channel} ${ts}`;
}
