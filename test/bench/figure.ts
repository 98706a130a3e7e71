/** One measured value. `goal`: it should not be above it; `floor`: not below; `exactly`: neither; none: for information. */
export type Figure = {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: number;
  readonly floor?: number;
  readonly exactly?: number;
  /** How it came about: how many samples, least and most. */
  readonly note?: string;
};

/** Says what is being done while it takes long; goes to stderr. */
export type Progress = (text: string) => void;

export type Benchmark = {
  readonly name: string;
  readonly title: string;
  readonly run: (progress: Progress) => Promise<readonly Figure[]>;
};

export function isMet({ value, goal, floor, exactly }: Figure): boolean | undefined {
  if (exactly !== undefined) return value === exactly;
  if (floor !== undefined) return value >= floor;
  return goal === undefined ? undefined : value <= goal;
}

/** The smallest sample that is not below `share` (0 to 1) of all: of 50 samples, the 99th percentile is the largest. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error("no samples: nothing was measured");
  return value;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** How many there were and how far they lie apart. */
export function spread(samples: readonly number[], unit: string): string {
  const round = (value: number) => Math.round(value * 100) / 100;
  return `${samples.length} samples, ${round(Math.min(...samples))} to ${round(Math.max(...samples))} ${unit}`;
}
