import type { Layer } from "./listing.ts";

/** Two 32-bit words of a digest: all that is kept of a layer. */
const WORDS = 2;
const FIRST_SLOTS = 1024;

/**
 * Bytes that are billed more than once because several repositories hold the same layer. Give it the layers of one
 * repository after the other, each once in each.
 *
 * Of a layer it keeps the first 64 bits of its digest, in a table of fixed-size numbers that is at most half full: ten
 * million layers take 256 MB at most. That any two of them agree in those bits has a probability of n^2 / 2^65, for ten
 * million 0.0003 %; then the number is too high by the size of one layer.
 */
export function sharedBytesCounter() {
  let seen = new Uint32Array(FIRST_SLOTS * WORDS);
  let count = 0;
  let bytes = 0;

  function grow(): void {
    const before = seen;
    seen = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += WORDS) {
      const [high = 0, low = 0] = [before[at], before[at + 1]];
      if (high !== 0 || low !== 0) put(seen, high, low);
    }
  }

  return {
    add({ digest, size }: Layer): void {
      if (count * 2 * WORDS >= seen.length) grow();
      const high = Number.parseInt(digest.slice(7, 15), 16);
      // Two zeroes mark an empty slot.
      const low = Number.parseInt(digest.slice(15, 23), 16) || 1;
      if (put(seen, high, low)) count += 1;
      else bytes += size;
    },
    bytes: () => bytes,
  };
}

/** Says whether it was not there yet. The digest's own bits are as good as any hash of them. */
function put(slots: Uint32Array, high: number, low: number): boolean {
  const mask = slots.length / WORDS - 1;
  for (let slot = low & mask; ; slot = (slot + 1) & mask) {
    const at = slot * WORDS;
    if (slots[at] === high && slots[at + 1] === low) return false;
    if (slots[at] === 0 && slots[at + 1] === 0) {
      slots[at] = high;
      slots[at + 1] = low;
      return true;
    }
  }
}
