import type { Embedded } from "../../support/embedded.ts";

export type Faults = {
  readonly operations?: Readonly<
    Record<
      string,
      {
        readonly rate?: number;
        readonly status?: number;
        readonly code?: string;
        readonly retryAfter?: number;
        readonly times?: number;
        readonly after?: number;
        /** Only calls to this one: `account/region`. */
        readonly registry?: string;
      }
    >
  >;
  readonly events?: {
    readonly drop?: number;
    readonly duplicate?: number;
    readonly delay?: number;
    readonly delayMs?: number;
  };
  /** Milliseconds of the wall clock, by `ecr:<Operation>` or `ecr:*`. */
  readonly latency?: Readonly<Record<string, number>>;
  readonly killWorker?: Readonly<Record<string, number>>;
  readonly seed?: number;
};

/** Replaces what was switched on before. */
export async function faults(product: Embedded, settings: Faults): Promise<void> {
  await product.control("POST", "faults", settings);
}

/** How often each thing went wrong since the last `faults`. */
export async function injected(product: Embedded): Promise<(what: string) => number> {
  const counts = (await product.control("GET", "faults"))["injected"] as Readonly<Record<string, number>>;
  return (what) =>
    what.endsWith("*")
      ? Object.entries(counts).reduce(
          (sum, [name, n]) => (name.startsWith(what.slice(0, -1)) ? sum + n : sum),
          0,
        )
      : (counts[what] ?? 0);
}
