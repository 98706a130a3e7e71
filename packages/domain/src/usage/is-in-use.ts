import { shortDigest } from "../image/digest.ts";
import { registryName } from "../registry/registry.ts";
import { sameRepository } from "../registry/repository.ts";
import type { Doubt } from "./doubt.ts";
import { everyPage } from "./every-page.ts";
import { relativesOf, TooManyRelativesError } from "./relatives.ts";
import type { RepositoryView } from "./repository-view.ts";
import { type UseFound, type UsesAsOf, type UsesDeps, usesOfRelatives } from "./uses-of.ts";

/**
 * `used`: it is, and where. `unknown`: no use is known, and that says nothing. `unused`: no use is known, and if there were
 * one, it would be.
 */
export type InUse = {
  readonly verdict: "used" | "unused" | "unknown";
  readonly uses: readonly UseFound[];
  readonly doubts: readonly Doubt[];
  /** In sentences, for whoever asks why. */
  readonly reasons: readonly string[];
};

export type InUseQuestion = {
  /** Of the repository that the image lies in; read before the question is asked, after the evidence was (readEvidence). */
  readonly view: RepositoryView;
  readonly digest: string;
  /** Of the repository: doubtsOf. */
  readonly doubts: readonly Doubt[];
  readonly asOf: UsesAsOf;
};

/** Whether an image is in use. Only good evidence of everyone who may use it makes one unused. */
export async function isInUse(deps: UsesDeps, question: InUseQuestion): Promise<InUse> {
  const { doubts } = question;
  const { uses, gaps } = await search(deps, question);
  const reasons = [
    ...uses.map(reasonOf),
    ...(uses.length > 0 ? [] : [...gaps, ...doubts.map(({ reason }) => reason)]),
  ];
  if (uses.length > 0) return { verdict: "used", uses, doubts, reasons };
  const verdict = gaps.length > 0 || doubts.length > 0 ? "unknown" : "unused";
  return { verdict, uses, doubts, reasons };
}

type Searched = { readonly uses: readonly UseFound[]; readonly gaps: readonly string[] };

async function search(deps: UsesDeps, { view, digest, asOf }: InUseQuestion): Promise<Searched> {
  try {
    const parents = (of: string) => view.parentsOf.get(of) ?? [];
    const { relations } = await relativesOf(deps, digest, parents);
    const uses = await usesOfRelatives(deps, { relations, tagsOf: tagsFrom(deps, view) }, asOf);
    return { uses, gaps: [...unlistedReason(view, digest), ...view.unreadIndexes.map(unreadReason)] };
  } catch (error) {
    if (error instanceof TooManyRelativesError) return { uses: [], gaps: [error.message] };
    throw error;
  }
}

function unlistedReason({ repository, images }: RepositoryView, digest: string): readonly string[] {
  if (images.has(digest)) return [];
  return [
    `the inventory has no ${shortDigest(digest)} in ${repository.repository} of ${registryName(repository)}`,
  ];
}

function unreadReason(index: string): string {
  return `the manifest of ${shortDigest(index)} could not be read: it may be an index that holds any image of the repository`;
}

/** The repository's own tags as its records have them, and every registry's as the index has them. */
function tagsFrom(deps: UsesDeps, { repository, tagsOf }: RepositoryView) {
  return async function* (digest: string) {
    const own = tagsOf.get(digest) ?? [];
    for (const tag of own) yield { ...repository, tag };
    for await (const pointer of everyPage((page) => deps.queries.listTagsByDigest(digest, page)))
      if (!sameRepository(pointer, repository) || !own.includes(pointer.tag)) yield pointer;
  };
}

function reasonOf({ via, service, account, cluster, tag, digest, source }: UseFound): string {
  const where = `${service}${cluster === "" ? "" : ` in ${cluster}`} of account ${account}`;
  if (tag)
    return `${where} uses ${tag.repository}:${tag.tag}, which points at it or at what holds it (${source})`;
  const what = {
    digest: "it",
    index: "an index that holds it",
    platform: "a platform that it holds",
    subject: "what it refers to",
  };
  return `${where} uses ${via === "tag" ? "it" : what[via]}, ${shortDigest(digest)} (${source})`;
}
