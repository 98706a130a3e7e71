import type { Image, Manifest } from "@tallyman/domain/image/image";
import type {
  ManifestReader,
  RegistryReader,
  ReplicationReader,
  ReplicationRule,
  ReplicationStatus,
} from "@tallyman/domain/image/ports";
import { RegistryUnavailableError, RepositoryNotFoundError } from "@tallyman/domain/registry/errors";
import type { ResourceTagReader } from "@tallyman/domain/registry/ports";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { anImage } from "../builders/registry.ts";

export type MemoryRegistry = RegistryReader &
  ManifestReader &
  ReplicationReader &
  ResourceTagReader & {
    createRepository(repository: RepositoryRef): void;
    deleteRepository(repository: RepositoryRef): void;
    /** Puts an image; its tags leave the images that held them, and an existing image keeps the tags it had. */
    push(repository: RepositoryRef, image: Partial<Image> & { readonly digest: string }): void;
    /** Removes the image and all its tags. */
    deleteImage(repository: RepositoryRef, digest: string): void;
    untag(repository: RepositoryRef, tag: string): void;
    putManifest(manifest: Manifest): void;
    setResourceTags(repository: RepositoryRef, tags: Readonly<Record<string, string>>): void;
    setReplicationRules(registry: Registry, rules: readonly ReplicationRule[]): void;
    setReplicationStatus(digest: string, statuses: readonly ReplicationStatus[]): void;
    /** Without it a manifest would count as a pull, and none is read. True at first. */
    excluded: boolean;
    /** Set: every read fails as an unreachable registry does. */
    unavailable: boolean;
    /** Every read of the registry, in order, as `<operation> <repository> <reference>`. */
    readonly reads: string[];
    /** Called before each read answers: change the state to play what happens meanwhile. */
    beforeRead: ((read: string) => void | Promise<void>) | undefined;
    /** Called after the answer was taken and before the caller gets it: plays a slow worker. */
    afterRead: ((read: string) => void | Promise<void>) | undefined;
  };

/** A fleet of registries in memory over a settable state. Images are listed in push order, pages of one. */
export function memoryRegistry(): MemoryRegistry {
  const repositories = new Map<string, Map<string, Image>>();
  const manifests = new Map<string, Manifest>();
  const rules = new Map<string, readonly ReplicationRule[]>();
  const resourceTags = new Map<string, Readonly<Record<string, string>>>();
  const statuses = new Map<string, readonly ReplicationStatus[]>();
  const name = (ref: RepositoryRef) => `${registryName(ref)} ${ref.repository}`;
  const imagesOf = (ref: RepositoryRef) => repositories.get(name(ref));

  async function read<T>(registry: Registry, operation: string, answer: () => T): Promise<T> {
    self.reads.push(operation);
    await self.beforeRead?.(operation);
    if (self.unavailable) throw new RegistryUnavailableError(registry, operation);
    const value = answer();
    await self.afterRead?.(operation);
    return value;
  }

  const self: MemoryRegistry = {
    excluded: true,
    unavailable: false,
    reads: [],
    beforeRead: undefined,
    afterRead: undefined,

    createRepository: (ref) => void repositories.set(name(ref), imagesOf(ref) ?? new Map()),
    deleteRepository: (ref) => void repositories.delete(name(ref)),
    push(ref, image) {
      self.createRepository(ref);
      const images = imagesOf(ref) ?? new Map<string, Image>();
      for (const tag of image.tags ?? []) self.untag(ref, tag);
      const before = images.get(image.digest);
      images.set(image.digest, {
        ...anImage(before),
        ...image,
        tags: [...new Set([...(before?.tags ?? []), ...(image.tags ?? [])])],
      });
    },
    deleteImage: (ref, digest) => void imagesOf(ref)?.delete(digest),
    untag(ref, tag) {
      const images = imagesOf(ref) ?? new Map<string, Image>();
      for (const [digest, image] of images) {
        images.set(digest, { ...image, tags: image.tags.filter((it) => it !== tag) });
      }
    },
    putManifest: (manifest) => void manifests.set(manifest.digest, manifest),
    setResourceTags: (ref, tags) => void resourceTags.set(name(ref), tags),
    setReplicationRules: (registry, next) => void rules.set(registryName(registry), next),
    setReplicationStatus: (digest, next) => void statuses.set(digest, next),

    async *listRepositories(registry) {
      const prefix = `${registryName(registry)} `;
      const names = await read(registry, `listRepositories ${registryName(registry)}`, () =>
        [...repositories.keys()].filter((key) => key.startsWith(prefix)),
      );
      yield* names.map((key) => key.slice(prefix.length));
    },
    async *listImages(ref) {
      const images = await read(ref, `listImages ${ref.repository}`, () => {
        const found = imagesOf(ref);
        if (!found) throw new RepositoryNotFoundError(ref);
        return found;
      });
      // Each image as it is when its page is read: what happens between pages shows in the later ones.
      for (const digest of [...images.keys()]) {
        await self.beforeRead?.(`page ${digest}`);
        const image = images.get(digest);
        if (image) yield image;
      }
    },
    findImage: (ref, reference) =>
      read(
        ref,
        `findImage ${ref.repository} ${"tag" in reference ? reference.tag : reference.digest}`,
        () => {
          const images = [...(imagesOf(ref)?.values() ?? [])];
          return images.find((image) =>
            "tag" in reference ? image.tags.includes(reference.tag) : image.digest === reference.digest,
          );
        },
      ),
    async readManifest(ref, digest) {
      if (!self.excluded) return { unread: "exclusion-missing" };
      return read(ref, `readManifest ${ref.repository} ${digest}`, () => {
        const image = imagesOf(ref)?.get(digest);
        if (!image) return { unread: "not-found" };
        if (image.status !== "ACTIVE") return { unread: "inaccessible" };
        return manifests.get(digest) ?? { unread: "not-found" };
      });
    },
    resourceTags: (ref) =>
      read(ref, `resourceTags ${ref.repository}`, () => {
        if (!imagesOf(ref)) throw new RepositoryNotFoundError(ref);
        return resourceTags.get(name(ref)) ?? {};
      }),
    replicationRules: (registry) =>
      read(
        registry,
        `replicationRules ${registryName(registry)}`,
        () => rules.get(registryName(registry)) ?? [],
      ),
    replicationStatus: (ref, digest) =>
      read(ref, `replicationStatus ${ref.repository} ${digest}`, () => statuses.get(digest) ?? []),
  };
  return self;
}
