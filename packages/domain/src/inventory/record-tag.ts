import type { Image } from "../image/image.ts";
import type { TaggingRule } from "../policy/policy.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { judgeTag, violationsOf } from "../tagging-rule/judge.ts";
import type { TagVerdict } from "../tagging-rule/verdict.ts";
import { FenceConflictError } from "./errors.ts";
import { nextTagPointer } from "./next-tag-pointer.ts";
import type { TagStore, ViolationStore } from "./ports.ts";
import { agreesWith, applyImage, type DigestDeps, type RecordedImage } from "./record-digest.ts";
import type { Cause, TagPointer } from "./records.ts";
import { closeElsewhere, openHere, type SettledViolations } from "./settle-violations.ts";
import { readTagFences } from "./tag-fences.ts";
import { withFence } from "./with-fence.ts";

export type TagDeps = DigestDeps & { readonly tags: TagStore; readonly violations: ViolationStore };

export type TagRequest = {
  readonly repository: RepositoryRef;
  readonly tag: string;
  /** The digest that the message names with it. If the tag points there, its image is recorded from the same read. */
  readonly digest?: string;
  readonly cause: Cause;
  readonly rules: readonly TaggingRule[];
  readonly now: Date;
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

/** A tag that was elsewhere at each of so many looks is left to a later try of the message. */
const MAX_LOOKS = 5;

/**
 * Records where a tag points and what the rules say of it, and the image that the message names if the tag points to it,
 * all from one registry read. Another image that the tag turns out to point to is recorded by its own message.
 *
 * Whoever wrote looks once more: the fence does not refuse a write when the tag was moved away and back meanwhile, for
 * the one who recorded the way back found nothing to write.
 *
 * `pointer A v1 | W1 reads B | tag moves back to A | W2 reads A, equal: no write | W1 put IF v1: B v2 | W1 looks again: A`
 */
export async function recordTag(deps: TagDeps, request: TagRequest): Promise<RecordedTagAndImage> {
  const digests = new Set(request.digest === undefined ? [] : [request.digest]);
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const attempted = await withFence(() => attempt(deps, request, digests));
    if ("elsewhere" in attempted) {
      digests.add(attempted.elsewhere);
      continue;
    }
    if (!wroteSomething(attempted)) return attempted;
    const again = await deps.registry.findImage(request.repository, { tag: request.tag });
    if (holds(attempted, again)) return attempted;
  }
  throw new FenceConflictError(`Tag "${request.tag}" of ${request.repository.repository}`);
}

/**
 * One attempt. `digests`: where the tag may point; violations there are read before the registry. `elsewhere`: it points
 * to a digest whose violations were not, so that one has to begin again.
 */
async function attempt(
  deps: TagDeps,
  request: TagRequest,
  digests: Set<string>,
): Promise<RecordedTagAndImage | { readonly elsewhere: string }> {
  const { repository, tag, now } = request;
  const verdicts = judgeTag(request.rules, repository.repository, tag);
  const breaches = violationsOf(verdicts);
  const fences = await readTagFences(deps, request, { breaches, digests });
  const read = await deps.registry.findImage(repository, { tag });
  const at = { repository, digest: read?.digest ?? null, now };

  const closed = await closeElsewhere(deps.violations, fences.violations, at);
  if (read && breaches.length > 0 && !fences.digests.has(read.digest)) return { elsewhere: read.digest };
  const image =
    read && read.digest === request.digest
      ? await applyImage(deps, { repository, digest: read.digest, previous: fences.image, read, now })
      : undefined;
  const next = nextTagPointer({ ...request, previous: fences.pointer, digest: at.digest });
  if (next) await deps.tags.moveTag(fences.pointer, next);
  // Violations open after the pointer: whoever comes back after a crash finds the pointer here and opens what is missing.
  if (read) digests.add(read.digest);
  const opened = await openHere(deps.violations, fences.violations, at);
  const pointer = next ?? fences.pointer;
  return { image, tag: { tag, pointer, changed: next !== undefined, verdicts, ...opened, closed } };
}

function wroteSomething({ image, tag }: RecordedTagAndImage): boolean {
  return tag.changed || image?.changed === true || tag.opened.length > 0 || tag.closed.length > 0;
}

/** Whether what was written is still what the registry says. */
function holds({ image, tag }: RecordedTagAndImage, read: Image | undefined): boolean {
  if ((tag.pointer?.digest ?? null) !== (read?.digest ?? null)) return false;
  return !image?.record || !read || agreesWith(image.record, read);
}
