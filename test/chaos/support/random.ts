export type Random = {
  /** 0 to 1, 1 excluded. */
  next(): number;
  /** An integer, 0 to `limit` - 1. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
};

/** The same seed gives the same numbers (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    pick(list) {
      const picked = list[below(list.length)];
      if (picked === undefined) throw new Error("nothing to pick from");
      return picked;
    },
  };
}

/**
 * The seeds to run: a few, many with SOAK=1, one with CHAOS_SEED=n. A test names its seed in its title, so that the
 * report of a failure says how to repeat it.
 */
export function seeds(few: number, many: number): readonly number[] {
  const one = process.env["CHAOS_SEED"];
  if (one !== undefined) return [Number(one)];
  return Array.from({ length: process.env["SOAK"] ? many : few }, (_, index) => index + 1);
}
