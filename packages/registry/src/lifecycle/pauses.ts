import { setImmediate } from "node:timers/promises";

/** Milliseconds of work after which others are let in. */
const LONGEST_TURN = 25;

/** Between two pieces of a long work: lets requests in, if the work has gone on for long enough without. */
export type Pause = () => Promise<void>;

export function createPause(): Pause {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < LONGEST_TURN) return;
    await setImmediate();
    began = performance.now();
  };
}
