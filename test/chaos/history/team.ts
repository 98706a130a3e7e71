import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import {
  anImage,
  anIndex,
  type BuiltManifest,
  descriptor,
  OCI_MANIFEST,
} from "@tallyman/registry/testing/image-builder";
import type { RegistryClient } from "@tallyman/registry/testing/registry-client";
import type { Operation, OperationKind } from "./plan.ts";
import type { Registries } from "./registries.ts";
import type { CopiesOf, Truth } from "./truth.ts";

/** Few, so that they move often. The last two break a rule in `prod/**`, `latest` in `team/**` too. */
export const TAGS = ["1.0.0", "1.0.1", "latest", "nightly"] as const;

/** Says whether anything came of it. */
export type Team = { act(operation: Operation): Promise<boolean> };

type Place = RepositoryRef & {
  readonly client: RegistryClient;
  /** By its own doing: a copy may have made it too. */
  exists: boolean;
  /** Whatever was ever pushed here. */
  readonly pushed: Map<string, BuiltManifest>;
  /** Where tags were put. */
  readonly held: Map<string, string[]>;
};

export type TeamOptions = {
  readonly registries: Registries;
  readonly truth: Truth;
  readonly repositories: readonly RepositoryRef[];
  readonly copiesOf: CopiesOf;
};

/** Does what a plan says in real registries, over the wire, and notes the truth after each. */
export function newTeam({ registries, truth, repositories, copiesOf }: TeamOptions): Team {
  const places = repositories.map((it): Place => {
    return { ...it, client: registries.admin(it), exists: false, pushed: new Map(), held: new Map() };
  });
  let built = 0;

  /** Some images are the same in several places, as they are when a pipeline pushes to several registries. */
  function newImage({ image }: Operation, more: object = {}): BuiltManifest {
    built += 1;
    return anImage([image < 20 ? `common ${image}` : `layer ${built} ${image}`], more);
  }

  const here = (place: Place) => truth.now(place).map(({ imageDigest }) => imageDigest);

  const acts: Readonly<Record<Exclude<OperationKind, "reconcile" | "replicate">, Act>> = {
    push: (place, it) => push(place, newImage(it), pick(TAGS, it.tag)),
    "push untagged": (place, it) => push(place, newImage(it)),
    async "push index"(place, it) {
      const children = [newImage(it, { annotations: { of: "amd64" } }), newImage(it)];
      for (const child of children) if (!(await push(place, child))) return false;
      return push(place, anIndex(children), pick(TAGS, it.tag));
    },
    async "push referrer"(place, it) {
      const subject = place.pushed.get(pickOr(here(place), it.image) ?? "");
      if (!subject) return false;
      const more = { subject: descriptor(OCI_MANIFEST, subject.bytes), artifactType: "application/vnd.sbom" };
      return push(place, newImage(it, more));
    },
    async "push again"(place, it) {
      const gone = [...place.pushed.keys()].filter((digest) => !here(place).includes(digest));
      const image = place.pushed.get(pickOr(gone, it.image) ?? "");
      return image !== undefined && push(place, image, it.tag % 2 ? pick(TAGS, it.tag) : undefined);
    },
    retag: (place, it) => tag(place, pickOr(here(place), it.image), pick(TAGS, it.tag)),
    async "roll back"(place, it) {
      const name = pick(TAGS, it.tag);
      const now = truth.ofTag(place, name).at(-1);
      const earlier = (place.held.get(name) ?? []).filter(
        (digest) => digest !== now && here(place).includes(digest),
      );
      return tag(place, pickOr(earlier, it.image), name);
    },
    untag: (place, it) => remove(place, { imageTag: pick(TAGS, it.tag) }),
    delete: async (place, it) => {
      const imageDigest = pickOr(here(place), it.image);
      return imageDigest !== undefined && remove(place, { imageDigest });
    },
    archive: (place, it) => store(place, pickOr(withStatus(place, "ACTIVE"), it.image), "ARCHIVE"),
    restore: (place, it) => store(place, pickOr(withStatus(place, "ARCHIVED"), it.image), "STANDARD"),
    "lifecycle run": (place, it) => runLifecycle(place, pick(POLICIES, it.image)),
    async "delete repository"(place) {
      const had = here(place).length > 0;
      const { status } = await ask(place, "DeleteRepository", { force: true });
      place.exists &&= status !== 200;
      return status === 200 && had;
    },
    async pull(place, it) {
      const imageDigest = pickOr(withStatus(place, "ACTIVE"), it.image);
      if (imageDigest === undefined) return false;
      return (await ask(place, "BatchGetImage", { imageIds: [{ imageDigest }] })).status === 200;
    },
  };

  /** Who restores goes where something is archived. */
  function placeFor(kind: OperationKind, number: number): Place {
    const archives = kind === "restore" ? places.filter((it) => withStatus(it, "ARCHIVED").length > 0) : [];
    return pickOr(archives, number) ?? pick(places, number);
  }

  async function push(place: Place, image: BuiltManifest, name?: string): Promise<boolean> {
    if (!place.exists) await ask(place, "CreateRepository", {});
    place.exists = true;
    const { status } = await place.client.push(place.repository, image, name);
    // It is copied by itself: before the next push or after it, once and for all.
    await registries.idle();
    if (status !== 201) return false;
    place.pushed.set(image.digest, image);
    if (name !== undefined) hold(place, name, image.digest);
    return true;
  }

  async function tag(place: Place, digest: string | undefined, name: string): Promise<boolean> {
    const image = place.pushed.get(digest ?? "");
    if (!image || truth.ofTag(place, name).at(-1) === digest) return false;
    const path = `/v2/${place.repository}/manifests/${name}`;
    const headers = { "Content-Type": image.mediaType };
    const { status } = await place.client.v2({ method: "PUT", path, body: image.bytes, headers });
    if (status === 201) hold(place, name, image.digest);
    return status === 201;
  }

  function withStatus(place: Place, status: string): readonly string[] {
    return truth.now(place).flatMap((it) => (it.imageStatus === status ? [it.imageDigest] : []));
  }

  async function runLifecycle(place: Place, rules: readonly object[]): Promise<boolean> {
    const lifecyclePolicyText = JSON.stringify({ rules });
    const { status } = await ask(place, "PutLifecyclePolicy", { lifecyclePolicyText });
    if (status !== 200) return false;
    const acted = await registries.runLifecycle();
    await ask(place, "DeleteLifecyclePolicy", {});
    return acted > 0;
  }

  return {
    async act({ kind, ...numbers }) {
      if (kind === "reconcile" || kind === "replicate")
        throw new Error(`${kind} is nothing that a team does`);
      const place = placeFor(kind, numbers.place);
      const happened = await acts[kind](place, { kind, ...numbers });
      await registries.idle();
      for (const repository of [place, ...copiesOf(place)]) await truth.look(repository);
      return happened;
    },
  };
}

type Act = (place: Place, operation: Operation) => Promise<boolean>;

function ask({ client, repository }: Place, operation: string, input: object) {
  return client.api(operation, { repositoryName: repository, ...input });
}

async function remove(place: Place, id: { imageTag: string } | { imageDigest: string }): Promise<boolean> {
  const { status, body } = await ask(place, "BatchDeleteImage", { imageIds: [id] });
  return status === 200 && (body["imageIds"] as unknown as unknown[]).length > 0;
}

async function store(place: Place, imageDigest: string | undefined, targetStorageClass: string) {
  if (imageDigest === undefined) return false;
  const input = { imageId: { imageDigest }, targetStorageClass };
  return (await ask(place, "UpdateImageStorageClass", input)).status === 200;
}

function hold(place: Place, name: string, digest: string): void {
  place.held.set(name, [...(place.held.get(name) ?? []), digest]);
}

function pickOr<T>(list: readonly T[], number: number): T | undefined {
  return list[number % Math.max(list.length, 1)];
}

function pick<T>(list: readonly T[], number: number): T {
  const picked = pickOr(list, number);
  if (picked === undefined) throw new Error("nothing to pick from");
  return picked;
}

const countOf = (tagStatus: string, countNumber: number) => ({
  tagStatus,
  countType: "imageCountMoreThan",
  countNumber,
});

const POLICIES = [
  [{ rulePriority: 1, selection: countOf("untagged", 1), action: { type: "expire" } }],
  [{ rulePriority: 1, selection: countOf("any", 3), action: { type: "expire" } }],
  [
    {
      rulePriority: 1,
      selection: countOf("any", 2),
      action: { type: "transition", targetStorageClass: "archive" },
    },
  ],
];
