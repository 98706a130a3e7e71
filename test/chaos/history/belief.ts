import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { breaches, lineOfImage, type Present } from "./compare.ts";
import { placeName } from "./inventory-dump.ts";
import type { Operation } from "./plan.ts";
import type { DumpedImage } from "./registries.ts";
import { NEVER_TOLD, type Unheard, whyUnheard } from "./unheard.ts";

/** What whoever hears events, and reads what they name, must believe: item by item as it was when it was last named. */
export type Belief = {
  /** Follows one operation, from all repositories before it to all after it. */
  follow(operation: Operation, repository: RepositoryRef, change: Contents): void;
  present(repository: RepositoryRef): Present;
  /** Why something went unheard, so far. */
  readonly reasons: ReadonlySet<Unheard>;
};

export type Contents = {
  readonly before: readonly DumpedImage[];
  readonly after: readonly DumpedImage[];
  /** Whether the operation happened in another repository, of which this has copies. */
  readonly copied: boolean;
};
type Items = { readonly images: Map<string, string>; readonly tags: Map<string, string> };

export function newBelief(): Belief {
  const places = new Map<string, Items>();
  const reasons = new Set<Unheard>();
  const placeOf = (repository: RepositoryRef): Items => {
    const known = places.get(placeName(repository)) ?? { images: new Map(), tags: new Map() };
    places.set(placeName(repository), known);
    return known;
  };
  return {
    reasons,
    follow(operation, repository, contents) {
      const believed = placeOf(repository);
      const [before, after] = [itemsOf(contents.before), itemsOf(contents.after)];
      const tagged = new Set(after.tags.values());
      const about = {
        copied: contents.copied,
        wasActive: (digest: string) => /status=ACTIVE\b/.test(before.images.get(digest) ?? ""),
        isThere: (digest: string) => after.images.has(digest),
        isTagged: (digest: string) => tagged.has(digest),
      };
      for (const kind of ["images", "tags"] as const)
        for (const name of new Set([...before[kind].keys(), ...after[kind].keys()])) {
          const [was, is] = [before[kind].get(name), after[kind].get(name)];
          if (was === is) continue;
          const change = { kind: kind === "images" ? "image" : "tag", name, before: was, after: is } as const;
          const why = whyUnheard(operation, { ...change, ...about });
          if (why) reasons.add(why);
          else hear(believed, after, { kind, name });
        }
    },
    present(repository) {
      const { images, tags } = placeOf(repository);
      return {
        images: [...images.values()].toSorted(),
        tags: [...tags].map(([tag, digest]) => `${tag} -> ${digest}`).toSorted(),
        violations: [...tags].flatMap(([tag, digest]) => breaches(repository, tag, digest)).toSorted(),
      };
    },
  };
}

/** What is named is read; of an image that is gone every tag that was believed to be on it, too. */
function hear(believed: Items, now: Items, { kind, name }: { kind: keyof Items; name: string }): void {
  set(believed[kind], name, now[kind].get(name));
  if (kind === "tags" || now.images.has(name)) return;
  for (const [tag, digest] of believed.tags) if (digest === name) set(believed.tags, tag, now.tags.get(tag));
}

function set(items: Map<string, string>, name: string, value: string | undefined): void {
  if (value === undefined) items.delete(name);
  else items.set(name, value);
}

function itemsOf(images: readonly DumpedImage[]): Items {
  return {
    images: new Map(images.map((it) => [it.imageDigest, lineOfImage(it, NEVER_TOLD)])),
    tags: new Map(images.flatMap((it) => (it.imageTags ?? []).map((tag) => [tag, it.imageDigest]))),
  };
}
