import { FenceConflictError } from "../inventory/errors.ts";
import { nextTagPointer } from "../inventory/next-tag-pointer.ts";
import { assertUnmoved, type RecordedTag, recordTag } from "../inventory/record-tag.ts";
import type { TagPointer, ViolationRecord } from "../inventory/records.ts";
import { settleViolations } from "../inventory/settle-violations.ts";
import { settled } from "../inventory/settled.ts";
import { closeViolation } from "../inventory/violation-transitions.ts";
import { judgeTag, violationsOf } from "../tagging-rule/judge.ts";
import type { TagVerdict } from "../tagging-rule/verdict.ts";
import type { Sweep } from "./sweep.ts";

/**
 * Compares one tag with what was known before. `digest`: where the registry listed it; undefined: it was not listed, or
 * listed twice because it moved meanwhile, so that only a read of its own can say where it is.
 *
 * What was listed is settled from the listing, whose pages were read after the fence, and costs no further read of the
 * registry, whether the tag breaks a rule or not. Where someone wrote since, the full protocol begins anew.
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
  const recorded =
    digest === undefined
      ? await recordAnew(sweep, tag)
      : await settleListed(sweep, { tag, digest, previous, verdicts });
  const closed = await closeLeftOver(sweep, recorded);
  note(sweep, previous, { ...recorded, closed: [...recorded.closed, ...closed] });
}

type Violations = { readonly breaches: readonly TagVerdict[]; readonly open: readonly ViolationRecord[] };

function agrees(previous: TagPointer | undefined, digest: string, { breaches, open }: Violations): boolean {
  if (previous?.digest !== digest || breaches.length !== open.length) return false;
  return breaches.every(({ rule, reason }) =>
    open.some((it) => it.rule === rule && it.digest === digest && it.reason === reason),
  );
}

type ListedTag = {
  readonly tag: string;
  readonly digest: string;
  readonly previous: TagPointer | undefined;
  readonly verdicts: readonly TagVerdict[];
};

/** Pointer and violations as the listing has them, in the order and on the fences of `recordTag`. */
async function settleListed(sweep: Sweep, listed: ListedTag): Promise<RecordedTag> {
  const { deps, repository, cause, keepDays, now } = sweep;
  const { verdicts, previous, ...at } = listed;
  const next = nextTagPointer({ repository, ...at, previous, cause, keepDays, now });
  try {
    if (next) await deps.tags.moveTag(previous && settled(previous, now, keepDays), next);
  } catch (error) {
    return anewAfterConflict(sweep, error, unchanged(at.tag, previous, { verdicts, open: [] }));
  }
  const pointer = next ?? previous;
  const moved = { tag: at.tag, pointer, changed: next !== undefined, verdicts };
  try {
    const judged = await settleViolations(deps.violations, violationsOf(verdicts), {
      repository,
      ...at,
      now,
    });
    if (judged.opened.length + judged.closed.length > 0)
      await assertUnmoved(deps.tags, { repository, ...at, now }, pointer);
    return { ...moved, ...judged };
  } catch (error) {
    return anewAfterConflict(sweep, error, { ...moved, open: [], opened: [], closed: [] });
  }
}

/** What the first attempt moved is found as it is by the second, and counts all the same. */
async function anewAfterConflict(sweep: Sweep, error: unknown, before: RecordedTag): Promise<RecordedTag> {
  if (!(error instanceof FenceConflictError)) throw error;
  const recorded = await recordAnew(sweep, before.tag);
  return { ...recorded, changed: recorded.changed || before.changed };
}

async function recordAnew(sweep: Sweep, tag: string): Promise<RecordedTag> {
  const { deps, repository, rules, cause, keepDays, now } = sweep;
  return (await recordTag(deps, { repository, tag, cause, rules, keepDays, now })).tag;
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
