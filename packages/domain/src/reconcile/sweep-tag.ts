import { FenceConflictError } from "../inventory/errors.ts";
import { nextTagPointer } from "../inventory/next-tag-pointer.ts";
import { type RecordedTag, recordTag } from "../inventory/record-tag.ts";
import type { TagPointer, ViolationRecord } from "../inventory/records.ts";
import { settled } from "../inventory/settled.ts";
import { closeViolation } from "../inventory/violation-transitions.ts";
import { judgeTag, violationsOf } from "../tagging-rule/judge.ts";
import type { TagVerdict } from "../tagging-rule/verdict.ts";
import type { Sweep } from "./sweep.ts";

/**
 * Compares one tag with what was known before. `digest`: where the registry listed it; undefined: it was not listed, or
 * listed twice because it moved meanwhile, so that only a read of its own can say where it is.
 *
 * A tag that breaks no rule and has no open violation is settled from the listing, whose pages were read after the
 * fence. Everything else goes through the full protocol with one more registry read.
 */
export async function sweepTag(sweep: Sweep, tag: string, digest: string | undefined): Promise<void> {
  const verdicts = judgeTag(sweep.rules, sweep.repository.repository, tag);
  const open = sweep.known.violations.get(tag) ?? [];
  const previous = sweep.known.pointers.get(tag);
  if (digest !== undefined && agrees(previous, digest, { breaches: violationsOf(verdicts), open })) {
    // People may not know of it yet: whoever was to tell them may have been stopped.
    if (open.length > 0 && !sweep.tags.has(tag))
      sweep.tags.set(tag, unchanged(tag, previous, { verdicts, open }));
    return;
  }
  const simple = digest !== undefined && violationsOf(verdicts).length === 0 && open.length === 0;
  const recorded = simple ? await moveTag(sweep, { tag, digest, previous, verdicts }) : undefined;
  note(sweep, previous, recorded ?? (await recordAnew(sweep, tag, digest)));
}

type Violations = { readonly breaches: readonly TagVerdict[]; readonly open: readonly ViolationRecord[] };

function agrees(previous: TagPointer | undefined, digest: string, { breaches, open }: Violations): boolean {
  if (previous?.digest !== digest || breaches.length !== open.length) return false;
  return breaches.every(({ rule, reason }) =>
    open.some((it) => it.rule === rule && it.digest === digest && it.reason === reason),
  );
}

type Move = {
  readonly tag: string;
  readonly digest: string;
  readonly previous: TagPointer | undefined;
  readonly verdicts: readonly TagVerdict[];
};

/** Undefined: someone else wrote the pointer since, so it has to be looked at anew. */
async function moveTag(
  sweep: Sweep,
  { previous, verdicts, ...move }: Move,
): Promise<RecordedTag | undefined> {
  const { deps, repository, keepDays, now } = sweep;
  const next = nextTagPointer({ repository, ...move, previous, cause: "reconcile", keepDays, now });
  if (!next) return unchanged(move.tag, previous, { verdicts, open: [] });
  try {
    await deps.tags.moveTag(previous && settled(previous, now, keepDays), next);
  } catch (error) {
    if (error instanceof FenceConflictError) return undefined;
    throw error;
  }
  return { ...unchanged(move.tag, next, { verdicts, open: [] }), changed: true };
}

async function recordAnew(sweep: Sweep, tag: string, digest: string | undefined): Promise<RecordedTag> {
  const { deps, repository, rules, keepDays, now } = sweep;
  const named = digest === undefined ? {} : { digest };
  const request = { repository, tag, cause: "reconcile", rules, keepDays, now, ...named } as const;
  const outcome = await recordTag(deps, request);
  if (outcome.image?.changed) sweep.images.set(outcome.image.digest, outcome.image);
  const closed = await closeLeftOver(sweep, outcome.tag);
  return { ...outcome.tag, closed: [...outcome.tag.closed, ...closed] };
}

/**
 * Violations that were open before the sweep and that the rules do not support any more: the rule is gone or says otherwise
 * now. On the fence of before the sweep.
 */
async function closeLeftOver(sweep: Sweep, recorded: RecordedTag): Promise<readonly ViolationRecord[]> {
  const closed: ViolationRecord[] = [];
  const rules = new Set(violationsOf(recorded.verdicts).map((verdict) => verdict.rule));
  for (const violation of sweep.known.violations.get(recorded.tag) ?? []) {
    if (rules.has(violation.rule)) continue;
    const next = closeViolation(violation, sweep.now);
    if (!next) continue;
    try {
      await sweep.deps.violations.putViolation(next);
      closed.push(next);
    } catch (error) {
      // Closed by the record just made, or written by someone who knows better.
      if (!(error instanceof FenceConflictError)) throw error;
    }
  }
  return closed;
}

function note(sweep: Sweep, previous: TagPointer | undefined, recorded: RecordedTag): void {
  const { pointer, changed, opened, closed } = recorded;
  sweep.differences.add("violation-opened", opened.length);
  sweep.differences.add("violation-closed", closed.length);
  if (changed) sweep.differences.add(kindOf(previous, pointer));
  const news = changed || opened.length > 0 || closed.length > 0;
  if (news || recorded.open.length > 0) sweep.tags.set(recorded.tag, recorded);
}

function kindOf(previous: TagPointer | undefined, next: TagPointer | undefined) {
  if (next?.digest === null) return "tag-gone";
  return previous?.digest ? "tag-moved" : "tag-missed";
}

function unchanged(
  tag: string,
  pointer: TagPointer | undefined,
  { verdicts, open }: Pick<RecordedTag, "verdicts" | "open">,
): RecordedTag {
  return { tag, pointer, changed: false, verdicts, open, opened: [], closed: [] };
}
