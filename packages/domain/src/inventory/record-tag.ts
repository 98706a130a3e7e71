import type { Image } from "../image/image.ts";
import type { TaggingRule } from "../policy/policy.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { judgeTag, violationsOf } from "../tagging-rule/judge.ts";
import type { TagVerdict } from "../tagging-rule/verdict.ts";
import { FenceConflictError } from "./errors.ts";
import { nextTagPointer } from "./next-tag-pointer.ts";
import type { TagStore, ViolationStore } from "./ports.ts";
import { applyImage, type DigestDeps, type RecordedImage } from "./record-digest.ts";
import type { Cause, TagPointer } from "./records.ts";
import { type SettledViolations, settleViolations, type TagAt } from "./settle-violations.ts";
import { settled } from "./settled.ts";
import { withFence } from "./with-fence.ts";

export type TagDeps = DigestDeps & { readonly tags: TagStore; readonly violations: ViolationStore };

export type TagRequest = {
  readonly repository: RepositoryRef;
  readonly tag: string;
  /** The digest that the message names with it. If the tag points there, its image is recorded from the same read. */
  readonly digest?: string;
  readonly cause: Cause;
  /** In words, where whoever told us said. */
  readonly why?: string;
  /** For how many days what has ended is kept (the policy's `inventory.keepDays`). */
  readonly keepDays: number;
  /** The id of the event that led here; absent: nobody told. */
  readonly event?: string;
  readonly rules: readonly TaggingRule[];
  readonly now: Date;
  /** Of the image of `digest`: as in DigestRequest. */
  readonly whenNew?: (image: Image) => Promise<void>;
};

/** How one tag stands in the inventory now. `pointer` undefined: it is not there and never was known. */
export type RecordedTag = SettledViolations & {
  readonly tag: string;
  readonly pointer: TagPointer | undefined;
  readonly changed: boolean;
  readonly verdicts: readonly TagVerdict[];
};

/** `image`: that of the digest in the request, if the tag points to it. */
export type RecordedTagAndImage = { readonly tag: RecordedTag; readonly image: RecordedImage | undefined };

/**
 * Records where a tag points and what the rules say of it, and the image that the message names if the tag points to it,
 * all from one registry read. Another image that the tag turns out to point to is recorded by its own message.
 *
 * The pointer's version fences the violations too: whoever wrote one looks whether the pointer is still the one it wrote,
 * and begins again if not. Of two workers at least one sees what the other did:
 *
 * `W1 put pointer A v1 | W2 put pointer B v2 | W2 opens it at B | W1 reads that, puts A | W1 sees v2, begins again, puts B`
 *
 * A worker that is killed in between leaves its message, which names the tag and so makes all of it good.
 */
export function recordTag(deps: TagDeps, request: TagRequest): Promise<RecordedTagAndImage> {
  return withFence(() => attempt(deps, request));
}

async function attempt(deps: TagDeps, request: TagRequest): Promise<RecordedTagAndImage> {
  const { repository, tag, now } = request;
  const [previous, known] = await Promise.all([
    deps.tags.findTag(repository, tag),
    request.digest === undefined ? undefined : deps.images.findImage(repository, request.digest),
  ]);
  const read = await deps.registry.findImage(repository, { tag });

  const image =
    read && read.digest === request.digest
      ? await applyImage(deps, { ...request, digest: read.digest, previous: known, read })
      : undefined;
  const at = { repository, tag, digest: read?.digest ?? null, now };
  const verdicts = judgeTag(request.rules, repository.repository, tag);
  const moved = await movePointer(deps, request, { previous, at, breaches: violationsOf(verdicts) });
  return { image, tag: { tag, verdicts, ...moved } };
}

type Move = {
  readonly previous: TagPointer | undefined;
  readonly at: TagAt;
  readonly breaches: readonly TagVerdict[];
};

async function movePointer(
  deps: TagDeps,
  request: TagRequest,
  { previous, at, breaches }: Move,
): Promise<Omit<RecordedTag, "tag" | "verdicts">> {
  const next = nextTagPointer({ ...request, previous, digest: at.digest });
  if (next) await deps.tags.moveTag(previous && settled(previous, at.now, request.keepDays), next);
  const pointer = next ?? previous;
  const changed = (previous?.digest ?? null) !== at.digest;

  const judged = await settleViolations(deps.violations, breaches, at);
  if (judged.opened.length + judged.closed.length > 0) await assertUnmoved(deps.tags, at, pointer);
  return { ...judged, pointer, changed };
}

/** Throws FenceConflictError when the tag's pointer is not the one that its violations were settled for. */
export async function assertUnmoved(
  tags: TagStore,
  at: TagAt,
  pointer: TagPointer | undefined,
): Promise<void> {
  const current = await tags.findTag(at.repository, at.tag);
  if (current?.version !== pointer?.version) throw new FenceConflictError(`Tag "${at.tag}"`);
}
