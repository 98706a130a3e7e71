import { withFence } from "../inventory/with-fence.ts";
import type { Snapshot, SourceState } from "./evidence.ts";
import { leftovers, unlike, usesOfReport } from "./past-reports.ts";
import type { SnapshotStore, SourceStateStore, UsageStore } from "./ports.ts";
import { type SettlingReport, settleUses } from "./settle-report.ts";
import { advanced, newState, withInForce, withSettled, withSuspect, withWriting } from "./source-state.ts";
import { COLLECTED_SOURCES } from "./sources.ts";
import { type Suspicion, suspectReason } from "./suspect.ts";
import { UNDERSTANDING, type Understood, understandItems } from "./understand-items.ts";
import { subjectsOf, type Uses } from "./use.ts";
import { writeUses } from "./write-uses.ts";

export type ApplyDeps = {
  readonly usage: Pick<UsageStore, "findUsage" | "putUsage">;
  readonly states: Pick<SourceStateStore, "findState" | "putState">;
  readonly snapshots: SnapshotStore;
};

export type ApplyOptions = {
  readonly now: Date;
  /** For how many days an ended use is remembered: the policy's `inventory.keepDays`. */
  readonly keepDays: number;
};

/**
 * `in-force`: what it says holds. `suspect`: what held before holds; a person may accept it. `old`: a later one is in force,
 * or waits for a person.
 */
export type Applied = {
  readonly outcome: "in-force" | "suspect" | "old";
  readonly state: SourceState;
  /** Uses that were written, and those that were ended or of which less is said. */
  readonly written: number;
  readonly ended: number;
  readonly foreign: number;
  readonly unreadable: Understood["unreadable"];
};
type Outcome = Pick<Applied, "outcome" | "state" | "written" | "ended">;

/**
 * Brings a complete report in force, in this order, so that killed anywhere it leaves more in use than there is, never less;
 * the same report again, or the next one, does what is left:
 *
 * 1. the report is stored, once, under its number
 * 2. empty or shrunken, it is noted as suspect, and that is all
 * 3. the state notes that its uses are being written (`writing`); they are, where the report in force does not say the same
 * 4. the state says that it is in force (`sequence`)
 * 5. what earlier reports said and it does not, ends; the state says so (`settled`)
 *
 * Reports of one scope that come at the same time are kept apart by the state's fence and by the numbers on records
 * (settle-report.ts). A fleet that did not change costs one item, the state's. Throws SnapshotConflictError when another
 * report has the number, FenceConflictError after five lost races.
 */
export async function applyReport(
  deps: ApplyDeps,
  snapshot: Snapshot,
  options: ApplyOptions,
): Promise<Applied> {
  const understood = understandItems(snapshot.items);
  const { foreign, unreadable } = understood;
  const outcome = await withFence(() => attempt({ deps, snapshot, understood, ...options }));
  return { ...outcome, foreign, unreadable };
}

type Report = ApplyOptions & {
  readonly deps: ApplyDeps;
  readonly snapshot: Snapshot;
  readonly understood: Understood;
};

async function attempt(report: Report): Promise<Outcome> {
  const { deps, snapshot } = report;
  const stored = await deps.states.findState(snapshot.source, snapshot.scope);
  const state = stored ?? newState(snapshot);
  if (snapshot.sequence < state.sequence) return overtaken(report, state);
  await deps.snapshots.putSnapshot(snapshot);
  if (snapshot.sequence === state.sequence) return settle(report, state);
  if (snapshot.sequence < (state.suspect?.sequence ?? 0)) return unchanged("old", state);
  const inForce = await usesOfReport(deps.snapshots, state, state.sequence);
  const suspicion = isAccepted(snapshot, state) ? undefined : suspicionOf(report, state, inForce);
  if (suspicion) return holdBack(report, state, suspicion);
  return enforce(report, state, inForce);
}

function isAccepted({ sequence }: Snapshot, { suspect }: SourceState): boolean {
  return suspect?.sequence === sequence && suspect.accepted !== undefined;
}

function suspicionOf(
  { snapshot, understood }: Report,
  state: SourceState,
  inForce: Uses | undefined,
): Suspicion | undefined {
  if (state.sequence === 0) return firstSuspicionOf(snapshot);
  if (inForce) return suspectReason(subjectsOf(inForce), subjectsOf(understood.uses));
  const reason = "it cannot be compared: the report in force is not there, or cannot be read, any more";
  return { missing: state.subjects, reason };
}

/**
 * A first report lacks nothing that is known. Yet one from outside that is empty may come of a reporter that is allowed to see
 * nothing; what we collect ourselves fails where it may not look, and most accounts run nothing in most Regions.
 */
function firstSuspicionOf({ source, items }: Snapshot): Suspicion | undefined {
  const collected: readonly string[] = COLLECTED_SOURCES;
  if (items.length > 0 || collected.includes(source)) return undefined;
  return { missing: 0, reason: "it is the first of its scope, and names nothing" };
}

async function holdBack(report: Report, state: SourceState, suspicion: Suspicion): Promise<Outcome> {
  if (state.suspect?.sequence === report.snapshot.sequence) return unchanged("suspect", state);
  const held = withSuspect(state, { ...report, suspicion });
  await report.deps.states.putState(held);
  return unchanged("suspect", held);
}

async function enforce(report: Report, before: SourceState, inForce: Uses | undefined): Promise<Outcome> {
  const { deps, snapshot, understood } = report;
  const { source, scope, sequence, observedAt } = snapshot;
  const fresh = unlike(understood.uses, before.understanding === UNDERSTANDING ? inForce : undefined);
  const state = fresh.length > 0 ? withWriting(before, sequence) : before;
  if (state !== before) await deps.states.putState(state);
  const writing = { source, scope, sequence, observedAt, inForce: before.sequence };
  const written = await writeUses(deps.usage, fresh, writing);
  const next = withInForce(state, report);
  const left = await leftovers(deps.snapshots, next, understood.uses);
  const enforced = left.length === 0 ? withSettled(next) : next;
  await deps.states.putState(enforced);
  if (left.length === 0) return { outcome: "in-force", state: enforced, written, ended: 0 };
  return { ...(await settle(report, enforced)), written };
}

/** The report is in force: takes back what earlier ones said beyond it, if that is still to be done. */
async function settle(report: Report, state: SourceState): Promise<Outcome> {
  const { deps, understood } = report;
  if (state.settled === state.sequence) return unchanged("in-force", state);
  const left = await leftovers(deps.snapshots, state, understood.uses);
  const ended = await settleUses(deps.usage, left, settling(report, state, understood.uses));
  const settled = advanced(withSettled(state));
  await deps.states.putState(settled);
  return { outcome: "in-force", state: settled, written: 0, ended };
}

/**
 * A later report is in force. Where this one was being written when that came, what it left behind is taken back; what the
 * later one names is left alone, so that this may be done at any time.
 */
async function overtaken(report: Report, state: SourceState): Promise<Outcome> {
  const { deps, understood } = report;
  const inForce = await usesOfReport(deps.snapshots, state, state.sequence);
  if (inForce === undefined) return unchanged("old", state);
  const left = unlike(understood.uses, inForce);
  const ended = await settleUses(deps.usage, left, settling(report, state, inForce));
  return { ...unchanged("old", state), ended };
}

function settling({ now, keepDays }: Report, state: SourceState, uses: Uses): SettlingReport {
  const { source, scope, sequence } = state;
  return { source, scope, sequence, uses, now, keepDays };
}

function unchanged(outcome: Applied["outcome"], state: SourceState): Outcome {
  return { outcome, state, written: 0, ended: 0 };
}
