import type { Image } from "../image/image.ts";
import { inParallel } from "../inventory/in-parallel.ts";
import { RepositoryNotFoundError } from "../registry/errors.ts";
import { askingTogether } from "./asking-together.ts";
import type { Sweep } from "./sweep.ts";
import { sweepAgain, sweepImage, sweepMissing } from "./sweep-image.ts";
import { sweepTag } from "./sweep-tag.ts";

/** Images, tags and lookups handled at the same time; each asks the registry one thing at a time, if anything. */
export const AT_ONCE = 16;

/** Of a repository that is gone, all of whom share one question. */
const GONE_AT_ONCE = 64;

/** What the pages showed: digests, and the first digest that each tag was listed with. */
type Listed = { readonly digests: Set<string>; readonly tags: Map<string, string>; gone: boolean };

/** Reads every page, compares what is on it, then looks for what is not. `gone`: the registry has no such repository. */
export async function sweepRepository(sweep: Sweep): Promise<{ readonly gone: boolean }> {
  const listed: Listed = { digests: new Set(), tags: new Map(), gone: false };
  await inParallel(pages(sweep, listed), AT_ONCE, (image) => sweepListed(sweep, listed, image));
  await (listed.gone ? sweepGone(sweep) : sweepUnlisted(sweep, listed, AT_ONCE));
  return listed;
}

/** The registry is listed from its first page on, always: a token of an earlier attempt would leave out what was before it. */
async function* pages({ deps, repository }: Sweep, listed: Listed): AsyncIterable<Image> {
  try {
    yield* deps.registry.listImages(repository);
  } catch (error) {
    if (!(error instanceof RepositoryNotFoundError)) throw error;
    listed.gone = true;
  }
}

/**
 * What moves while the pages are read can be on two of them. An image then is looked at anew, and so is a tag that was
 * listed with two images; the first of the two may be settled already, and its fence tells.
 */
async function sweepListed(sweep: Sweep, listed: Listed, image: Image): Promise<void> {
  const again = listed.digests.has(image.digest);
  listed.digests.add(image.digest);
  const tags = image.tags.flatMap((tag) => {
    const first = listed.tags.get(tag);
    if (first === undefined) listed.tags.set(tag, image.digest);
    if (first === image.digest) return [];
    return [{ tag, digest: first === undefined ? image.digest : undefined }];
  });
  await (again ? sweepAgain(sweep, image.digest) : sweepImage(sweep, image));
  for (const { tag, digest } of tags) await sweepTag(sweep, tag, digest);
}

/** Every image goes with its repository; whether it is still gone is asked once for many of them. */
function sweepGone(sweep: Sweep): Promise<void> {
  const { deps, repository } = sweep;
  const registry = askingTogether(deps.registry, repository);
  const nothing: Listed = { digests: new Set(), tags: new Map(), gone: true };
  const gone: Sweep = { ...sweep, deps: { ...deps, registry }, cause: "repository-delete" };
  return sweepUnlisted(gone, nothing, GONE_AT_ONCE);
}

async function sweepUnlisted(sweep: Sweep, { digests, tags }: Listed, atOnce: number): Promise<void> {
  const { images, pointers, violations } = sweep.known;
  const missing = [...images.values()].filter((image) => !digests.has(image.digest));
  await inParallel(missing, atOnce, (image) => sweepMissing(sweep, image));
  const pointing = [...pointers.values()].filter((pointer) => pointer.digest !== null).map((it) => it.tag);
  const unlisted = new Set([...pointing, ...violations.keys()].filter((tag) => !tags.has(tag)));
  await inParallel(unlisted, atOnce, (tag) => sweepTag(sweep, tag, undefined));
}
