/** How often each thing happened: `ecr:DescribeImages`, `dynamodb:PutItem`, `units:write`, `item:image`, `s3:PutObject`. */
export type Counts = Readonly<Record<string, number>>;

export type Meter = { add(name: string, count?: number): void; counts(): Counts };

/** What something took and asked for. Times in milliseconds; `processor`: without the time in which others had it. */
export type Spent = { readonly milliseconds: number; readonly processor: number; readonly counts: Counts };

export const NOTHING: Spent = { milliseconds: 0, processor: 0, counts: {} };

export function newMeter(): Meter {
  const counts = new Map<string, number>();
  return {
    add: (name, count = 1) => void counts.set(name, (counts.get(name) ?? 0) + count),
    counts: () => Object.fromEntries(counts),
  };
}

/** What `work` took, and what was counted meanwhile. Nothing else may run. */
export async function spending(meter: Meter, work: () => Promise<unknown>): Promise<Spent> {
  const [before, used, began] = [meter.counts(), process.cpuUsage(), performance.now()];
  await work();
  const milliseconds = performance.now() - began;
  const { user, system } = process.cpuUsage(used);
  const counts = plusCounts(meter.counts(), before, -1);
  return { milliseconds, processor: (user + system) / 1000, counts };
}

export function plus(a: Spent, b: Spent): Spent {
  return {
    milliseconds: a.milliseconds + b.milliseconds,
    processor: a.processor + b.processor,
    counts: plusCounts(a.counts, b.counts),
  };
}

/** `a` and `times` as much as `b`; what comes to nothing is left out. */
export function plusCounts(a: Counts, b: Counts, times = 1): Counts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  const sums = [...names].map((name) => [name, (a[name] ?? 0) + times * (b[name] ?? 0)] as const);
  return Object.fromEntries(sums.filter(([, count]) => count !== 0));
}

/** The sum of what is counted under names that begin so. */
export function countOf({ counts }: Pick<Spent, "counts">, ...prefixes: readonly string[]): number {
  return Object.entries(counts).reduce(
    (sum, [name, count]) => sum + (prefixes.some((prefix) => name.startsWith(prefix)) ? count : 0),
    0,
  );
}
