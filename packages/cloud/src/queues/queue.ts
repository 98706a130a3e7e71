import type { Timers } from "../clock/timers.ts";
import { DeduplicationWindow, deduplicationId, deduplicationKey } from "./deduplication.ts";
import { acceptedMessage, deadLetter, type Moment, redrivenMessage, resumedMessage } from "./entering.ts";
import type { Journal } from "./journal.ts";
import { fifoLine, type Line, standardLine } from "./lines.ts";
import type { Message, MessageDraft } from "./message.ts";
import type { QueueSettings } from "./queue-settings.ts";
import { newReceipt, parseReceipt } from "./receipt.ts";
import { WaitingRoom } from "./waiting-room.ts";

export type ReceiveOptions = {
  /** 1 to 10. */
  readonly max: number;
  /** Seconds; the queue's own when not given. */
  readonly visibility?: number | undefined;
  /** Seconds to wait for the first message; the queue's own when not given. */
  readonly wait?: number | undefined;
  /** Aborted: the receiver has gone, nothing is handed out any more. */
  readonly signal?: AbortSignal | undefined;
};

export type QueueCounts = { readonly visible: number; readonly inFlight: number; readonly delayed: number };

/** `expired`, `gone`: nothing was done, another receipt is newer or the message is deleted. `invalid`: no handle. */
export type SettleOutcome = "done" | "expired" | "invalid" | "gone";

export type QueueDependencies = {
  readonly timers: Timers;
  /** The cloud's time, epoch milliseconds. */
  readonly now: () => number;
  readonly nextOrder: () => number;
  readonly journal: Journal;
  /** Puts a message into its dead-letter queue; false when there is none, then it stays. */
  readonly deadLetter: (from: QueueSettings, message: Message) => boolean;
  /** Something was added, taken or settled. */
  readonly onChange?: () => void;
};

/** One queue: what SQS does with messages, without protocol and permissions. Everything but waiting is synchronous. */
export class Queue {
  readonly settings: QueueSettings;
  readonly #dependencies: QueueDependencies;
  readonly #byId = new Map<string, Message>();
  readonly #line: Line;
  readonly #window = new DeduplicationWindow();
  readonly #room: WaitingRoom;
  #nextExpiry = 0;

  constructor(settings: QueueSettings, dependencies: QueueDependencies) {
    this.settings = settings;
    this.#dependencies = dependencies;
    this.#line = settings.fifo ? fifoLine() : standardLine();
    const { timers, journal } = dependencies;
    this.#room = new WaitingRoom(timers, () => this.#line.nextVisible(timers.elapsed()));
    for (const message of journal.load(settings.arn)) this.#insert(resumedMessage(message, timers.elapsed()));
  }

  /** Accepts a message; a duplicate within five minutes (FIFO) is answered with the first one and not added. */
  send(draft: MessageDraft): Message {
    const { timers } = this.#dependencies;
    const id = deduplicationId(this.settings, draft);
    const key = deduplicationKey(this.settings, { ...draft, deduplicationId: id });
    const earlier = key === undefined ? undefined : this.#window.find(key, timers.elapsed());
    if (earlier) return earlier;
    const delay = draft.delay ?? this.settings.delay;
    return this.#add(acceptedMessage({ ...draft, deduplicationId: id, delay }, this.#moment()));
  }

  async receive(options: ReceiveOptions): Promise<readonly Message[]> {
    const attempt = () => {
      const taken = this.#take(options);
      if (taken.length > 0) this.#dependencies.onChange?.();
      return taken.length > 0 ? taken : undefined;
    };
    const wait = (options.wait ?? this.settings.receiveWait) * 1000;
    return (await this.#room.first(attempt, wait, options.signal)) ?? [];
  }

  delete(receipt: string): SettleOutcome {
    return this.#settle(receipt, (message) => {
      // A FIFO handle dies with its visibility timeout: another receiver may already have the group.
      if (this.settings.fifo && !this.#isHidden(message)) return "expired";
      this.#drop(message);
      return "done";
    });
  }

  /** Hides a message that is in flight until `seconds` from now. */
  changeVisibility(receipt: string, seconds: number): SettleOutcome {
    return this.#settle(receipt, (message) => {
      if (!this.#isHidden(message)) return "expired";
      this.#hide(message, seconds);
      return "done";
    });
  }

  /** Takes a message over from `source`, which gave it up; not deduplicated. */
  adoptDeadLetter(message: Message, source: string): void {
    this.#add(deadLetter(message, { ...this.#moment(), source, fifo: this.settings.fifo }));
  }

  /** Takes a message back from a dead-letter queue; not deduplicated. */
  adoptRedriven(message: Message): void {
    this.#add(redrivenMessage(message, this.#moment()));
  }

  /** Removes the first message that is visible, when `accept` took it: how a move task empties a queue. */
  moveFirst(accept: (message: Message) => boolean): boolean {
    const [message] = this.#line.available(this.#dependencies.timers.elapsed(), 1);
    if (!message || !accept(message)) return false;
    this.#drop(message);
    this.#changed();
    return true;
  }

  counts(): QueueCounts {
    this.#expire();
    const hidden = this.messages().filter((message) => this.#isHidden(message));
    const delayed = hidden.filter((message) => message.receiveCount === 0).length;
    return { visible: this.#byId.size - hidden.length, inFlight: hidden.length - delayed, delayed };
  }

  messages(): readonly Message[] {
    return [...this.#byId.values()];
  }

  purge(): void {
    for (const message of this.messages()) this.#drop(message);
    this.#changed();
  }

  /** As new: purged, and what was accepted before is forgotten. SQS has no such call. */
  reset(): void {
    this.purge();
    this.#window.clear();
  }

  /** Ends all waiting. */
  stop(): void {
    this.#room.stop();
  }

  #take({ max, visibility = this.settings.visibilityTimeout }: ReceiveOptions): Message[] {
    this.#expire();
    const { timers } = this.#dependencies;
    const taken: Message[] = [];
    let found = this.#line.available(timers.elapsed(), max);
    while (found.length > 0) {
      for (const message of found) if (!this.#gaveUp(message)) taken.push(this.#hand(message, visibility));
      // With a visibility timeout of zero the same messages would come again at once.
      found = visibility > 0 ? this.#line.available(timers.elapsed(), max - taken.length) : [];
    }
    return taken;
  }

  /** SQS moves a message when it would be received once more than `maxReceiveCount`. */
  #gaveUp(message: Message): boolean {
    const limit = this.settings.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY;
    if (message.receiveCount < limit || !this.#dependencies.deadLetter(this.settings, message)) return false;
    this.#drop(message);
    return true;
  }

  #hand(message: Message, visibility: number): Message {
    message.receiveCount += 1;
    message.firstReceivedAt ??= this.#dependencies.now();
    message.receipt = newReceipt(message.id);
    this.#hide(message, visibility);
    return { ...message };
  }

  #hide(message: Message, seconds: number): void {
    message.visibleAt = this.#dependencies.timers.elapsed() + seconds * 1000;
    this.#line.moved(message);
    this.#dependencies.journal.update(this.settings.arn, message);
  }

  #isHidden(message: Message): boolean {
    return message.visibleAt > this.#dependencies.timers.elapsed();
  }

  #settle(receipt: string, apply: (message: Message) => SettleOutcome): SettleOutcome {
    const id = parseReceipt(receipt);
    if (id === undefined) return "invalid";
    const message = this.#byId.get(id);
    if (!message) return "gone";
    if (message.receipt !== receipt) return "expired";
    const outcome = apply(message);
    this.#changed();
    return outcome;
  }

  #expire(): void {
    const elapsed = this.#dependencies.timers.elapsed();
    if (elapsed < this.#nextExpiry) return;
    this.#nextExpiry = elapsed + 1000;
    const oldest = elapsed - this.settings.retention * 1000;
    for (const message of this.messages()) if (message.enqueuedAt < oldest) this.#drop(message);
  }

  #add(message: Message): Message {
    this.#dependencies.journal.save(this.settings.arn, message);
    this.#insert(message);
    this.#changed();
    return message;
  }

  #insert(message: Message): void {
    this.#byId.set(message.id, message);
    this.#line.insert(message);
    const key = deduplicationKey(this.settings, message);
    if (this.settings.fifo && key !== undefined) this.#window.remember(key, message);
  }

  #drop(message: Message): void {
    this.#byId.delete(message.id);
    this.#line.remove(message);
    this.#dependencies.journal.remove(this.settings.arn, message.id);
  }

  #changed(): void {
    this.#room.changed();
    this.#dependencies.onChange?.();
  }

  #moment(): Moment {
    const { timers, now, nextOrder } = this.#dependencies;
    return { elapsed: timers.elapsed(), now: now(), order: nextOrder() };
  }
}
