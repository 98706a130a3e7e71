import { createHash } from "node:crypto";
import type { Message, MessageDraft } from "./message.ts";
import type { QueueSettings } from "./queue-settings.ts";

/** SQS FIFO: five minutes from the first acceptance, also when that message is already deleted. */
const interval = 5 * 60_000;

/** What a FIFO queue remembers of the messages it accepted. Times are elapsed milliseconds. */
export class DeduplicationWindow {
  readonly #accepted = new Map<string, Message>();

  find(id: string, now: number): Message | undefined {
    // Insertion order is time order: everything too old stands at the head.
    for (const [key, message] of this.#accepted) {
      if (now - message.enqueuedAt < interval) break;
      this.#accepted.delete(key);
    }
    return this.#accepted.get(id);
  }

  clear(): void {
    this.#accepted.clear();
  }

  remember(id: string, message: Message): void {
    this.#accepted.delete(id);
    this.#accepted.set(id, message);
  }
}

/** The deduplication id of a message: the sender's, else of its body where the queue is content-based. */
export function deduplicationId(settings: QueueSettings, draft: MessageDraft): string | undefined {
  if (!settings.fifo) return undefined;
  if (draft.deduplicationId !== undefined) return draft.deduplicationId;
  return settings.contentBasedDeduplication
    ? createHash("sha256").update(draft.body).digest("hex")
    : undefined;
}

/** By what a message is a repetition of another: its id, in the whole queue or in its group alone. */
export function deduplicationKey(
  { deduplicationScope }: QueueSettings,
  { deduplicationId, group = "" }: Pick<MessageDraft, "deduplicationId" | "group">,
): string | undefined {
  if (deduplicationId === undefined) return undefined;
  return deduplicationScope === "messageGroup" ? `${group}\n${deduplicationId}` : deduplicationId;
}
