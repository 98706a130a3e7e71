/**
 * Keeps what was worked out, so that the same question costs a look-up. `answer` must follow from the key alone. Holds
 * `limit` answers at most: one more, and all are forgotten, which costs less than to know which is the oldest. An
 * `undefined` is not kept: what is refused today may be right tomorrow, and nobody can fill the memory with it.
 */
export function keptAnswers<T>(
  limit: number,
  answer: (key: string) => T,
): ((key: string) => T) & { readonly size: () => number } {
  const kept = new Map<string, T>();
  const look = (key: string): T => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const found = answer(key);
    if (found === undefined) return found;
    if (kept.size >= limit) kept.clear();
    kept.set(key, found);
    return found;
  };
  return Object.assign(look, { size: () => kept.size });
}
