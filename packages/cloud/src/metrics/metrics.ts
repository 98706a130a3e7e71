import { type MetricValue, readMetrics } from "./emf.ts";

export type MetricTotal = {
  readonly namespace: string;
  readonly name: string;
  readonly sum: number;
  readonly count: number;
};

/** What the functions' log lines counted: shows that the metrics that alarms watch exist. */
export type Metrics = {
  /** Takes one line that a function wrote. */
  read(line: string): void;
  /** Of all values since the start; `dimensions`: of those that carry these. 0 when there is none. */
  sum(namespace: string, name: string, dimensions?: Readonly<Record<string, string>>): number;
  count(namespace: string, name: string): number;
  totals(): readonly MetricTotal[];
  /** The same by their dimensions. */
  readings(): readonly MetricReading[];
  clear(): void;
};

export type MetricReading = MetricTotal & { readonly dimensions: Readonly<Record<string, string>> };

/** Adds up values; memory grows with the number of distinct series only. */
export function createMetrics(): Metrics {
  const series = new Map<string, MetricReading>();

  function add({ namespace, name, value, dimensions }: MetricValue): void {
    const key = seriesName({ namespace, name, dimensions });
    const known = series.get(key) ?? { namespace, name, dimensions, sum: 0, count: 0 };
    series.set(key, { ...known, sum: known.sum + value, count: known.count + 1 });
  }

  function select(
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>> = {},
  ): MetricReading[] {
    const wanted = Object.entries(dimensions);
    return [...series.values()].filter(
      (each) =>
        each.namespace === namespace &&
        each.name === name &&
        wanted.every(([key, value]) => each.dimensions[key] === value),
    );
  }

  return {
    read: (line) => readMetrics(line).forEach(add),
    sum: (namespace, name, dimensions) =>
      select(namespace, name, dimensions).reduce((sum, each) => sum + each.sum, 0),
    count: (namespace, name) => select(namespace, name).reduce((sum, each) => sum + each.count, 0),
    totals: () => totalsOf([...series.values()]),
    readings: () => [...series.values()],
    clear: () => series.clear(),
  };
}

function totalsOf(series: readonly MetricReading[]): readonly MetricTotal[] {
  const groups = Map.groupBy(series, ({ namespace, name }) => `${namespace} ${name}`);
  return [...groups.values()].flatMap(([first, ...rest]) => {
    if (!first) return [];
    const { namespace, name } = first;
    const all = [first, ...rest];
    const sum = all.reduce((total, each) => total + each.sum, 0);
    return [{ namespace, name, sum, count: all.reduce((total, each) => total + each.count, 0) }];
  });
}

/** What was counted between two looks. */
export function metricsSince(
  before: readonly MetricReading[],
  after: readonly MetricReading[],
): readonly MetricReading[] {
  const known = new Map(before.map((reading) => [seriesName(reading), reading]));
  return after.flatMap((reading) => {
    const { sum = 0, count = 0 } = known.get(seriesName(reading)) ?? {};
    return reading.count === count
      ? []
      : [{ ...reading, sum: reading.sum - sum, count: reading.count - count }];
  });
}

function seriesName({ namespace, name, dimensions }: Omit<MetricReading, "sum" | "count">): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).toSorted()]);
}
