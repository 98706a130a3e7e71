/**
 * Layers that some client was told are there: its image may be on the way, so nothing may collect them, however old they
 * are by the registry's clock, which people set forward. Counted in real time and in memory: a push does not outlive the
 * process.
 */
export type LayerLeases = {
  renew(repositoryId: number, digest: string): void;
  has(repositoryId: number, digest: string): boolean;
};

/** `life` in milliseconds. */
export function createLayerLeases(life: number): LayerLeases {
  /** When each ends, the first to end first. */
  const ends = new Map<string, number>();
  const key = (repositoryId: number, digest: string) => `${repositoryId} ${digest}`;

  function forgetEnded(now: number): void {
    for (const [lease, end] of ends) {
      if (end > now) return;
      ends.delete(lease);
    }
  }
  return {
    renew(repositoryId, digest) {
      const now = performance.now();
      forgetEnded(now);
      ends.delete(key(repositoryId, digest)); // Setting it anew puts it behind all others.
      ends.set(key(repositoryId, digest), now + life);
    },
    has(repositoryId, digest) {
      return (ends.get(key(repositoryId, digest)) ?? 0) > performance.now();
    },
  };
}
