import { type Registry, registryName } from "@tallyman/domain/registry/registry";

/** How many calls of the API one account has under way in one Region: now, and at most so far. */
export type Load = Registry & { readonly inFlight: number; readonly peak: number };

/**
 * Counts calls that are under way, from the moment they were verified until they are answered: what a client with too
 * many workers shows up in before it is throttled.
 */
export class LoadCounter {
  readonly #loads = new Map<string, Load>();

  async during<T>({ account, region }: Registry, call: () => Promise<T>): Promise<T> {
    this.#add({ account, region }, 1);
    try {
      return await call();
    } finally {
      this.#add({ account, region }, -1);
    }
  }

  /** In the order in which they were first asked. */
  show(): readonly Load[] {
    return [...this.#loads.values()];
  }

  /** What is under way goes on being counted. */
  forgetPeaks(): void {
    for (const [name, load] of this.#loads) {
      if (load.inFlight === 0) this.#loads.delete(name);
      else this.#loads.set(name, { ...load, peak: load.inFlight });
    }
  }

  #add(registry: Registry, calls: 1 | -1): void {
    const name = registryName(registry);
    const { inFlight, peak } = this.#loads.get(name) ?? { inFlight: 0, peak: 0 };
    const now = inFlight + calls;
    this.#loads.set(name, { ...registry, inFlight: now, peak: Math.max(peak, now) });
  }
}
