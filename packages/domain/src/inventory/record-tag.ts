import type { TaggingRule } from "../policy/policy.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { judgeTag, violationsOf } from "../tagging-rule/judge.ts";
import type { TagVerdict } from "../tagging-rule/verdict.ts";
import { FenceConflictError } from "./errors.ts";
import { nextTagPointer } from "./next-tag-pointer.ts";
import type { TagStore, ViolationStore } from "./ports.ts";
import { applyImage, type DigestDeps, type RecordedImage } from "./record-digest.ts";
import type { Cause, ImageRecord, TagPointer, ViolationRecord } from "./records.ts";
import { closeViolation, openViolation } from "./violation-transitions.ts";
import { withFence } from "./with-fence.ts";

export type TagDeps = DigestDeps & { readonly tags: TagStore; readonly violations: ViolationStore };

export type TagRequest = {
  readonly repository: RepositoryRef;
  readonly tag: string;
  /** Where the tag is thought to point: its image is then recorded from the same registry read. */
  readonly digest?: string;
  readonly cause: Cause;
  readonly rules: readonly TaggingRule[];
  readonly now: Date;
};

/** How one tag stands in the inventory now. */
export type RecordedTag = {
  readonly tag: string;
  /** Undefined: the tag is not there and never was known. */
  readonly pointer: TagPointer | undefined;
  readonly changed: boolean;
  readonly verdicts: readonly TagVerdict[];
  /** Violations of the tag's present digest that are open; `noticedAt` says whether people know. */
  readonly open: readonly ViolationRecord[];
  /** Violations that this call opened or said anew, and those that it closed. */
  readonly opened: readonly ViolationRecord[];
  readonly closed: readonly ViolationRecord[];
};

type Outcome = { readonly tag: RecordedTag; readonly image: RecordedImage | undefined };
type Fences = {
  readonly pointer: TagPointer | undefined;
  readonly digest: string | undefined;
  readonly image: ImageRecord | undefined;
  readonly entering: ReadonlyMap<TagVerdict, ViolationRecord | undefined>;
  readonly leaving: ReadonlyMap<TagVerdict, ViolationRecord | undefined>;
};

/**
 * Records where a tag points, the image it points to, and what the rules say of it, all from one registry read. If the
 * tag turns out to point somewhere else than thought, it starts again from there, since that image's record was not
 * read before the registry was.
 */
export async function recordTag(deps: TagDeps, request: TagRequest): Promise<Outcome> {
  let thought = request;
  for (let moves = 0; moves < MAX_MOVES; moves++) {
    const outcome = await withFence(() => attempt(deps, thought));
    if (typeof outcome !== "string") return outcome;
    thought = { ...request, digest: outcome };
  }
  throw new FenceConflictError(`Tag "${request.tag}" of ${request.repository.repository}`);
}

/** A tag that was elsewhere at each of so many looks is left to a later try of the message. */
const MAX_MOVES = 5;

/** One attempt; a string: the digest to start again from. */
async function attempt(deps: TagDeps, request: TagRequest): Promise<Outcome | string> {
  const { repository, tag, now } = request;
  const verdicts = judgeTag(request.rules, repository.repository, tag);
  const fences = await readFences(deps, request, violationsOf(verdicts));
  const read = await deps.registry.findImage(repository, { tag });
  if (read && read.digest !== fences.digest) {
    return read.digest === fences.pointer?.digest ? asRecorded(request, fences, verdicts) : read.digest;
  }
  const { digest, image: previous } = fences;
  const image =
    read && digest ? await applyImage(deps, { repository, digest, previous, read, now }) : undefined;
  const settled = await settleViolations(deps, request, { fences, digest: read?.digest ?? null });
  // The pointer comes last: until it is written, a repeated message sees which digest the tag is leaving.
  const next = nextTagPointer({ ...request, previous: fences.pointer, digest: read?.digest ?? null });
  if (next) await deps.tags.moveTag(fences.pointer, next);
  return {
    image,
    tag: { tag, pointer: next ?? fences.pointer, changed: next !== undefined, verdicts, ...settled },
  };
}

/**
 * The tag has moved on from the digest that the message names, and that was recorded by its own message: the pointer is
 * written last, so the image and the violations are too.
 */
function asRecorded(
  { tag }: TagRequest,
  { pointer, leaving }: Fences,
  verdicts: readonly TagVerdict[],
): Outcome {
  const open = [...leaving.values()].flatMap((it) => (it?.state === "open" ? [it] : []));
  return {
    image: undefined,
    tag: { tag, pointer, changed: false, verdicts, open, opened: [], closed: [] },
  };
}

/** Everything that may be written, read before the registry. A tag that breaks no rule costs no violation read. */
async function readFences(
  deps: TagDeps,
  request: TagRequest,
  breaches: readonly TagVerdict[],
): Promise<Fences> {
  const { repository, tag } = request;
  const pointer = await deps.tags.findTag(repository, tag);
  const digest = request.digest ?? pointer?.digest ?? undefined;
  const from = pointer?.digest && pointer.digest !== digest ? pointer.digest : undefined;
  const read = async (at: string | undefined) =>
    new Map(
      await Promise.all(
        (at ? breaches : []).map(async (verdict) => {
          const key = { ...repository, rule: verdict.rule, digest: at ?? "", tag };
          return [verdict, await deps.violations.findViolation(key)] as const;
        }),
      ),
    );
  const [image, entering, leaving] = await Promise.all([
    digest ? deps.images.findImage(repository, digest) : undefined,
    read(digest),
    read(from),
  ]);
  return { pointer, digest, image, entering, leaving };
}

/** Opens what the tag's present digest breaks and closes what the digest it left had broken. */
async function settleViolations(
  deps: TagDeps,
  { repository, now }: TagRequest,
  { fences, digest }: { readonly fences: Fences; readonly digest: string | null },
): Promise<Pick<RecordedTag, "open" | "opened" | "closed">> {
  const open: ViolationRecord[] = [];
  const opened: ViolationRecord[] = [];
  const closed: ViolationRecord[] = [];
  for (const [verdict, previous] of fences.entering) {
    const next = digest
      ? openViolation(previous, { repository, digest, verdict, now })
      : closeViolation(previous, now);
    if (next) {
      await deps.violations.putViolation(next);
      (digest ? opened : closed).push(next);
    }
    const current = next ?? previous;
    if (current?.state === "open") open.push(current);
  }
  for (const previous of fences.leaving.values()) {
    const next = closeViolation(previous, now);
    if (!next) continue;
    await deps.violations.putViolation(next);
    closed.push(next);
  }
  return { open, opened, closed };
}
