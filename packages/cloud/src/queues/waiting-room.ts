import type { Timers } from "../clock/timers.ts";

type Receiver = { readonly attempt: () => void; readonly leave: () => void };

/** Receivers that wait for messages (long polling), first come first served. */
export class WaitingRoom {
  readonly #timers: Timers;
  readonly #nextVisible: () => number | undefined;
  readonly #waiting = new Set<Receiver>();
  #cancelWake: () => void = () => undefined;

  /** `nextVisible`: elapsed milliseconds at which a message becomes visible by itself. */
  constructor(timers: Timers, nextVisible: () => number | undefined) {
    this.#timers = timers;
    this.#nextVisible = nextVisible;
  }

  /** Tries now and after each change, until something comes, `wait` milliseconds pass or the receiver goes. */
  async first<T>(attempt: () => T | undefined, wait: number, signal?: AbortSignal): Promise<T | undefined> {
    if (signal?.aborted) return undefined;
    const now = attempt();
    return now === undefined && wait > 0 ? this.#wait(attempt, wait, signal) : now;
  }

  /** Something may have become available. */
  changed(): void {
    for (const receiver of [...this.#waiting]) receiver.attempt();
    this.#cancelWake();
    const next = this.#waiting.size > 0 ? this.#nextVisible() : undefined;
    if (next !== undefined) this.#cancelWake = this.#timers.at(next, () => this.changed());
  }

  stop(): void {
    this.#cancelWake();
    for (const receiver of [...this.#waiting]) receiver.leave();
  }

  #wait<T>(attempt: () => T | undefined, wait: number, signal?: AbortSignal): Promise<T | undefined> {
    return new Promise((resolve) => {
      const end = (value?: T) => {
        this.#waiting.delete(receiver);
        cancelDeadline();
        signal?.removeEventListener("abort", leave);
        resolve(value);
      };
      const leave = () => end();
      const receiver: Receiver = {
        leave,
        attempt: () => {
          const value = attempt();
          if (value !== undefined) end(value);
        },
      };
      const cancelDeadline = this.#timers.after(wait, leave);
      signal?.addEventListener("abort", leave);
      this.#waiting.add(receiver);
      this.changed();
    });
  }
}
