import { registryName } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { type DumpedImage, dumpRepository, type Registries } from "./registries.ts";

/** What was the case in the registries, one after the other; a neighbour is never the same. */
export type Truth = {
  /** Notes what a repository holds now. */
  look(repository: RepositoryRef): Promise<void>;
  /** Notes restores that ended as time passed, and the copies that ECR makes of what was restored. */
  lookAtRestores(): Promise<void>;
  now(repository: RepositoryRef): readonly DumpedImage[];
  /** Where a tag pointed, `null` where to nothing, first of all. */
  ofTag(repository: RepositoryRef, tag: string): readonly (string | null)[];
  /** What became of an image: its status, `gone` where there was none, first of all. */
  ofImage(repository: RepositoryRef, digest: string): readonly string[];
  /** Digests that were ever there. */
  digests(repository: RepositoryRef): readonly string[];
};

/** Where else something may change by itself: copies. */
export type CopiesOf = (repository: RepositoryRef) => readonly RepositoryRef[];

type Told<T> = Map<string, T[]>;
type Past = {
  images: readonly DumpedImage[];
  readonly tags: Told<string | null>;
  readonly stages: Told<string>;
};

export function newTruth(registries: Registries, copiesOf: CopiesOf): Truth {
  const pasts = new Map<string, { readonly repository: RepositoryRef; readonly past: Past }>();
  const pastOf = (repository: RepositoryRef): Past => {
    const name = `${registryName(repository)}/${repository.repository}`;
    const known = pasts.get(name) ?? {
      repository,
      past: { images: [], tags: new Map(), stages: new Map() },
    };
    pasts.set(name, known);
    return known.past;
  };

  async function look(repository: RepositoryRef): Promise<void> {
    const images = (await dumpRepository(registries, repository)) ?? [];
    const past = pastOf(repository);
    past.images = images;
    const tags = new Map(images.flatMap((it) => (it.imageTags ?? []).map((tag) => [tag, it.imageDigest])));
    note(past.tags, tags, null);
    note(past.stages, new Map(images.map((it) => [it.imageDigest, it.imageStatus ?? "ACTIVE"])), "gone");
  }

  return {
    look,
    async lookAtRestores() {
      const restoring = [...pasts.values()].filter(({ past }) =>
        past.images.some(({ imageStatus }) => imageStatus === "ACTIVATING"),
      );
      if (restoring.length === 0) return;
      registries.completeRestores();
      await registries.idle();
      for (const { repository } of restoring)
        for (const place of [repository, ...copiesOf(repository)]) await look(place);
    },
    now: (repository) => pastOf(repository).images,
    ofTag: (repository, tag) => pastOf(repository).tags.get(tag) ?? [null],
    ofImage: (repository, digest) => pastOf(repository).stages.get(digest) ?? ["gone"],
    digests: (repository) => [...pastOf(repository).stages.keys()],
  };
}

/** Adds what is the case now where it is not what was last; `none`: of what is not there. */
function note<T extends string | null>(past: Told<T>, now: ReadonlyMap<string, T>, none: T): void {
  for (const name of new Set([...past.keys(), ...now.keys()])) {
    const told = past.get(name) ?? [none];
    const state = now.get(name) ?? none;
    if (told.at(-1) !== state) told.push(state);
    past.set(name, told);
  }
}
