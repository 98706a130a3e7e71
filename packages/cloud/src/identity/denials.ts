/** One refused call. */
export type Denial = {
  /** ISO 8601, by the cloud's clock. */
  readonly at: string;
  /** ARN, or the name of a service. */
  readonly principal: string;
  readonly account: string;
  readonly action: string;
  readonly resource: string;
  readonly explicitDeny: boolean;
  readonly message: string;
  /** What the policies say that the engine cannot evaluate. */
  readonly problems: readonly string[];
};

/** The calls that were refused, oldest first; only the last ones are kept. */
export type Denials = {
  list(): readonly Denial[];
  clear(): void;
  record(denial: Denial): void;
  /** Calls back at each refusal. Returns how to stop listening. */
  onDenial(listener: (denial: Denial) => void): () => void;
};

export function createDenials(limit = 1000): Denials {
  const kept: Denial[] = [];
  const listeners = new Set<(denial: Denial) => void>();
  return {
    list: () => [...kept],
    clear: () => void kept.splice(0),
    record(denial) {
      kept.push(denial);
      if (kept.length > limit) kept.shift();
      for (const listener of listeners) listener(denial);
    },
    onDenial(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
