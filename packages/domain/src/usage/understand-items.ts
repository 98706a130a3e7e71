import { type ImageUri, parseImageUri } from "../registry/image-uri.ts";
import type { UsageItem, UsageKind, UsageSubject } from "./evidence.ts";
import { mergedUse, type Use, type Uses, useName } from "./use.ts";

/** Counted up whenever the same items are understood in another way: what was skipped as unchanged is then looked at again. */
export const UNDERSTANDING = 1;

export type Understood = {
  readonly uses: Uses;
  /** How many items are of other registries than private ECR ones. */
  readonly foreign: number;
  readonly unreadable: {
    readonly count: number;
    /** The first few, and where they stand in the report. */
    readonly first: readonly { readonly item: number; readonly image: string }[];
  };
};

const FIRST_FEW = 5;

/**
 * What a report's items say is used. Images of private ECR registries are kept whichever registry it is, declared or not: one
 * may be declared tomorrow, and the report of then names nothing new. A name that cannot be read counts by the digest beside it.
 */
export function understandItems(items: readonly UsageItem[]): Understood {
  const uses = new Map<string, Use>();
  const unreadable: { item: number; image: string }[] = [];
  let foreign = 0;
  for (const [item, reported] of items.entries()) {
    const uri = parseImageUri(reported.image);
    const isOther = uri === undefined && isOtherImage(reported.image);
    if (isOther) foreign += 1;
    else if (uri === undefined) unreadable.push({ item, image: reported.image });
    for (const subject of isOther ? [] : subjectsOfItem(reported, uri)) add(uses, useOf(reported, subject));
  }
  return { uses, foreign, unreadable: { count: unreadable.length, first: unreadable.slice(0, FIRST_FEW) } };
}

/** What starts later takes what its tag points at by then, whatever that was when it was resolved before. */
const STARTS_LATER: readonly UsageKind[] = ["template", "scheduled"];

/**
 * The digest that the runtime resolved, and that of the name: an index and its platform may both be told. The tag counts
 * where no digest is known, and for what starts later, unless the name has a digest: then that decides
 * (docs.docker.com/reference/cli/docker/image/pull: a digest pins, the tag beside it says nothing).
 */
function subjectsOfItem({ digest, kind }: UsageItem, uri: ImageUri | undefined): readonly UsageSubject[] {
  const digests = new Set([digest, uri?.digest].filter((it) => it !== undefined));
  const subjects: UsageSubject[] = [...digests].map((it) => ({ digest: it }));
  if (uri?.tag === undefined || uri.digest !== undefined) return subjects;
  if (digests.size > 0 && !STARTS_LATER.includes(kind)) return subjects;
  return [...subjects, { repository: { ...uri.registry, repository: uri.repository }, tag: uri.tag }];
}

function useOf(item: UsageItem, subject: UsageSubject): Use {
  const { image, kind, account, region, cluster = "", service, seenAt } = item;
  return {
    subject,
    account,
    ...(region !== undefined && { region }),
    cluster,
    service,
    kinds: [kind],
    image,
    ...(kind === "stopped" && seenAt !== undefined && { seenAt: new Date(seenAt).toISOString() }),
  };
}

function add(uses: Map<string, Use>, use: Use): void {
  const name = useName(use);
  const known = uses.get(name);
  uses.set(name, known ? mergedUse(known, use) : use);
}

/** An image's name, one character after the other; `@` and what follows is looked at apart. */
const NAME = /^[a-z0-9][a-z0-9._:/-]*$/i;
const DIGEST = /^[a-z0-9][a-z0-9+._-]*:[0-9a-f]{32,}$/i;
/** Hosts like a private registry's, of a partition or endpoint that we do not know: never taken for somebody else's. */
const LIKE_ECR = /^[^/]*\.dkr[.-]ecr/i;

/** Whether this names an image in a registry that is none of ECR's private ones. Linear in the text. */
function isOtherImage(image: string): boolean {
  const at = image.indexOf("@");
  const name = at < 0 ? image : image.slice(0, at);
  if (at >= 0 && !DIGEST.test(image.slice(at + 1))) return false;
  return NAME.test(name) && !name.includes("//") && !LIKE_ECR.test(name) && !/^sha256:/i.test(name);
}
