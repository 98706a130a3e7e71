import { UnreadableEvidenceError } from "./errors.ts";
import type { SourceState } from "./evidence.ts";
import type { SnapshotStore } from "./ports.ts";
import { understandItems } from "./understand-items.ts";
import { sameUse, type Use, type Uses, useName } from "./use.ts";

const NONE: Uses = new Map();

/** What a stored report says is used; undefined: it is not there, or cannot be read, any more. */
export async function usesOfReport(
  snapshots: Pick<SnapshotStore, "findSnapshot">,
  { source, scope }: Pick<SourceState, "source" | "scope">,
  sequence: number,
): Promise<Uses | undefined> {
  if (sequence === 0) return NONE;
  try {
    const snapshot = await snapshots.findSnapshot(source, scope, sequence);
    return snapshot && understandItems(snapshot.items).uses;
  } catch (error) {
    if (error instanceof UnreadableEvidenceError) return undefined;
    throw error;
  }
}

/** Those of `uses` of which `known` does not say the same; all of them where nothing is known. */
export function unlike(uses: Uses, known: Uses = NONE): readonly Use[] {
  return [...uses].flatMap(([name, use]) => {
    const other = known.get(name);
    return other && sameUse(other, use) ? [] : [use];
  });
}

/**
 * What may be stored and is not what `uses` says: uses of the report up to which all is settled, and of those that were
 * begun to be written since. Of the latter all, also what they say alike: whoever wrote them left in a record what it said
 * before, which nobody else looks at. What a lost report said is not found again, and stays in use.
 */
export async function leftovers(
  snapshots: Pick<SnapshotStore, "findSnapshot">,
  state: SourceState,
  uses: Uses,
): Promise<readonly Use[]> {
  const left = new Map<string, Use>();
  for (const sequence of new Set([state.settled, ...(state.writing ?? [])])) {
    if (sequence === state.sequence) continue;
    const said = (await usesOfReport(snapshots, state, sequence)) ?? NONE;
    const begun = state.writing?.includes(sequence) ?? false;
    for (const use of begun ? said.values() : unlike(said, uses)) left.set(useName(use), use);
  }
  return [...left.values()];
}
