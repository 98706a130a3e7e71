/** What a sweep found and repaired, by kind. Those of images and tags are gaps in what events told. */
export const DIFFERENCES = [
  "image-missed",
  "image-changed",
  "image-gone",
  "tag-missed",
  "tag-moved",
  "tag-gone",
  "violation-opened",
  "violation-closed",
] as const;
export type Difference = (typeof DIFFERENCES)[number];
export type DifferenceCounts = Readonly<Record<Difference, number>>;

/** Counts while a sweep runs. */
export type DifferenceTally = { add(kind: Difference, count?: number): void; counts(): DifferenceCounts };

export function tally(): DifferenceTally {
  const counts = Object.fromEntries(DIFFERENCES.map((kind) => [kind, 0])) as Record<Difference, number>;
  return {
    add: (kind, count = 1) => {
      counts[kind] += count;
    },
    counts: () => ({ ...counts }),
  };
}

/** Whether events were missed. A changed policy opens and closes violations without any. */
export function isGap(counts: DifferenceCounts): boolean {
  return DIFFERENCES.some((kind) => !kind.startsWith("violation-") && counts[kind] > 0);
}

export function total(counts: DifferenceCounts): number {
  return DIFFERENCES.reduce((sum, kind) => sum + counts[kind], 0);
}

/** `2 image-missed, 1 tag-moved` */
export function describeDifferences(counts: DifferenceCounts): string {
  const found = DIFFERENCES.filter((kind) => counts[kind] > 0).map((kind) => `${counts[kind]} ${kind}`);
  return found.length > 0 ? found.join(", ") : "none";
}
