/** The one clock of registry and cloud: the wall clock plus an offset, in milliseconds since the epoch. */
export type CloudClock = {
  now(): Date;
  /** Milliseconds added to the wall clock, shared with workers: one 64-bit float (`new Float64Array(offset)[0]`). */
  readonly offset: SharedArrayBuffer;
  /** Sets the clock, forwards or backwards; timers due by the new time fire. */
  set(now: Date): void;
  /** Calls back when the clock was set. Returns how to stop listening. */
  onSet(listener: () => void): () => void;
};
