import { setImmediate as turn } from "node:timers/promises";

/** A Lambda worker's process. Dead: nothing that it asks for reaches anything, and nothing is answered. */
export type Process = { readonly name: string; dead: boolean };

/** What a worker asks of the world outside it, held until somebody decides what becomes of it. */
export type Call = {
  readonly process: Process;
  /** `dynamodb`, `ecr`, `sqs`, `s3` */
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Whether the SDK would ask again if this were throttled. */
  readonly canRetry: boolean;
  perform(): Promise<void>;
  /** The service is too busy. */
  throttle(): void;
};

export type Asking<T> = Pick<Call, "service" | "operation" | "input" | "canRetry"> & {
  perform(): Promise<T>;
  throttled(): T | Promise<T>;
};

/**
 * So many turns of the event loop without anything new: every worker waits for an answer, or has ended. What is asked in one
 * turn is put together at its end.
 */
const QUIET_TURNS = 3;
/** Whoever neither asks nor ends for so long, even on a busy machine, never will. */
const MOST_MS = 240_000;

/**
 * Everything that workers ask for stands here, one call at a time is let through, and all that follows from it happens
 * before the next: which of the calls that wait goes first is the only thing that orders them, so that whoever chooses the
 * same gets the same history.
 */
export class Gate {
  readonly waiting: Call[] = [];
  readonly #working = new Set<Process>();
  #arrivals = 0;
  #retrying = 0;

  ask<T>(process: Process, { perform, throttled, ...about }: Asking<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (process.dead) return;
      this.#arrivals += 1;
      const answer = async (give: () => T | Promise<T>) => {
        try {
          const value = await give();
          if (!process.dead) resolve(value);
        } catch (error) {
          if (!process.dead) reject(error);
        }
      };
      this.waiting.push({
        ...about,
        process,
        perform: () => answer(perform),
        throttle: () => {
          if (about.canRetry) this.#retrying += 1;
          void answer(throttled);
        },
      });
    });
  }

  /** The process has something to do, until `end`. */
  begin(process: Process): void {
    this.#working.add(process);
  }

  end(process: Process): void {
    this.#working.delete(process);
  }

  /** An SDK asks again what was throttled. */
  retried(): void {
    this.#retrying -= 1;
  }

  take(call: Call): void {
    this.waiting.splice(this.waiting.indexOf(call), 1);
  }

  /** The process is gone, with all that it waits for. */
  kill(process: Process): void {
    process.dead = true;
    this.end(process);
    for (const call of this.waiting.filter((it) => it.process === process)) this.take(call);
  }

  /** Waits until everyone waits for an answer, or has ended. */
  async quiet(): Promise<void> {
    let seen = this.#arrivals;
    const began = performance.now();
    for (let turns = 0; turns < QUIET_TURNS || this.#isComputing(); ) {
      await turn();
      turns = seen === this.#arrivals ? turns + 1 : 0;
      seen = this.#arrivals;
      if (performance.now() - began > MOST_MS) throw new Error(`hangs: ${this.#names()}`);
    }
  }

  #names(): string {
    const silent = [...this.#working].filter((it) => this.waiting.every(({ process }) => process !== it));
    return `${silent.map(({ name }) => name).join(", ")}; to be asked again: ${this.#retrying}`;
  }

  /** Something comes of itself: an SDK asks again, or a worker that has all its answers packs a listing. */
  #isComputing(): boolean {
    if (this.#retrying > 0) return true;
    return [...this.#working].some((process) => this.waiting.every((call) => call.process !== process));
  }
}
