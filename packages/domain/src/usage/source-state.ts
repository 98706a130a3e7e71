import type { Snapshot, SourceState } from "./evidence.ts";
import type { Suspicion } from "./suspect.ts";
import { UNDERSTANDING, type Understood } from "./understand-items.ts";
import { subjectsOf } from "./use.ts";

/** More of them than this were never applied one after the other; whatever the oldest left behind stays in use. */
const MOST_WRITING = 50;

/** The state of a scope that never reported. */
export function newState(of: Pick<SourceState, "source" | "scope" | "account">): SourceState {
  const { source, scope, account } = of;
  return { source, scope, account, sequence: 0, subjects: 0, settled: 0, version: 0 };
}

/** The number that a collector's next report takes: above all that were seen. */
export function nextSequence(state: SourceState | undefined): number {
  return 1 + Math.max(0, state?.sequence ?? 0, state?.suspect?.sequence ?? 0, ...(state?.writing ?? []));
}

/** Uses of this report are about to be written. */
export function withWriting(state: SourceState, sequence: number): SourceState {
  const others = (state.writing ?? []).filter((it) => it !== sequence);
  return advanced({ ...state, writing: [...others, sequence].slice(-MOST_WRITING) });
}

/** This report is in force: whatever was doubted or failed before is over. Its time is never later than now. */
export function withInForce(
  state: SourceState,
  { snapshot, understood, now }: { snapshot: Snapshot; understood: Understood; now: Date },
): SourceState {
  const { suspect: _, failure: __, ...rest } = state;
  return advanced({
    ...rest,
    account: snapshot.account,
    sequence: snapshot.sequence,
    observedAt: notAfter(snapshot.observedAt, now),
    acceptedAt: now.toISOString(),
    subjects: subjectsOf(understood.uses).size,
    understanding: UNDERSTANDING,
  });
}

/** Nothing is left of what earlier reports said and the one in force does not. */
export function withSettled(state: SourceState): SourceState {
  const { writing = [], ...rest } = state;
  const later = writing.filter((sequence) => sequence > state.sequence);
  return { ...rest, settled: state.sequence, ...(later.length > 0 && { writing: later }) };
}

/** The report is kept aside; what was in force is. */
export function withSuspect(
  state: SourceState,
  report: { snapshot: Snapshot; understood: Understood; suspicion: Suspicion; now: Date },
): SourceState {
  const { snapshot, understood, suspicion, now } = report;
  const { failure: _, ...rest } = state;
  return advanced({
    ...rest,
    suspect: {
      sequence: snapshot.sequence,
      observedAt: notAfter(snapshot.observedAt, now),
      receivedAt: snapshot.receivedAt,
      subjects: subjectsOf(understood.uses).size,
      ...suspicion,
    },
  });
}

export function advanced(state: SourceState): SourceState {
  return { ...state, version: state.version + 1 };
}

/** A source whose clock is ahead must not look fresh for longer than others. */
function notAfter(time: string, now: Date): string {
  return new Date(Math.min(Date.parse(time), now.getTime())).toISOString();
}
