/**
 * Several lists as one: of their first elements the smallest comes next. Each keeps its own order, whatever `compare` says
 * of its elements.
 */
export function mergeLines<T>(
  lines: readonly (readonly T[])[],
  compare: (a: T, b: T) => number,
): readonly T[] {
  const rest = lines.filter((line) => line.length > 0).map((line) => ({ line, at: 0 }));
  const merged: T[] = [];
  for (;;) {
    let first: { line: readonly T[]; at: number; head: T } | undefined;
    let from: { at: number } | undefined;
    for (const candidate of rest) {
      const head = candidate.line[candidate.at];
      if (head === undefined || (first && compare(first.head, head) <= 0)) continue;
      first = { ...candidate, head };
      from = candidate;
    }
    if (!first || !from) return merged;
    merged.push(first.head);
    from.at++;
  }
}
