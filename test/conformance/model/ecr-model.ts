import type { Content } from "./contents.ts";

// Amazon ECR's rules for one repository, as its user guide tells them, in the plainest form: names instead of digests, no
// storage, no wire. Shares nothing with the registry, so that a mistake in one is not in the other.

export type Mutability = "MUTABLE" | "IMMUTABLE" | "MUTABLE_WITH_EXCLUSION" | "IMMUTABLE_WITH_EXCLUSION";
export type Status = "ACTIVE" | "ARCHIVED" | "ACTIVATING";

/** ECR's names for why not. */
export type Refusal =
  | "ImageAlreadyExistsException"
  | "ImageTagAlreadyExistsException"
  | "LayersNotFoundException"
  | "ReferencedImagesNotFoundException"
  | "ImageNotFoundException"
  | "ImageStorageClassUpdateNotSupportedException"
  | "ImageNotFound"
  | "ImageTagDoesNotMatchDigest"
  | "ImageReferencedByManifestList";

export type Outcome = "ok" | Refusal;

/** What a step did, or why it did not. */
export type Effect =
  | "move"
  | "index"
  | "referrer"
  | "delete by tag"
  | "untag"
  | "delete by digest"
  | "archive"
  | "restore"
  | "reactivate"
  | "mutability"
  | "recreate"
  | "lifecycle"
  | Refusal;

type Held = {
  readonly content: Content;
  status: Status;
  readonly tags: Set<string>;
  /** When it was pushed, or came back from the archive: what lifecycle rules count from. */
  since: number;
  readonly pushedAt: number;
  restoredAt: number;
};

const DAY = 24 * 60 * 60_000;

/** The tags that the exclusion filter `dev-*` names. */
const EXCLUDED = /^dev-/;

export class EcrModel {
  readonly images = new Map<string, Held>();
  readonly effects = new Set<Effect>();
  mutability: Mutability = "MUTABLE";
  #now = 0;
  readonly #restoreMillis: number;

  constructor(restoreMillis: number) {
    this.#restoreMillis = restoreMillis;
  }

  push(content: Content, tag: string | undefined): Outcome {
    const known = this.images.get(content.name);
    const holder = tag === undefined ? undefined : this.#holderOf(tag);
    if (known !== undefined && known.status === "ACTIVE" && (tag === undefined || holder === known))
      return this.#refuse("ImageAlreadyExistsException");
    if (holder !== undefined && holder !== known && this.#isFixed(tag ?? ""))
      return this.#refuse("ImageTagAlreadyExistsException");
    if (content.layerless) return this.#refuse("LayersNotFoundException");
    if (known === undefined && content.children.some((child) => !this.images.has(child)))
      return this.#refuse("ReferencedImagesNotFoundException");
    if (known !== undefined && known.status !== "ACTIVE") this.effects.add("reactivate");
    const held = known ?? this.#newcomer(content);
    if (held.status !== "ACTIVE") held.since = this.#now;
    held.status = "ACTIVE";
    this.images.set(content.name, held);
    if (content.children.length > 0) this.effects.add("index");
    if (content.subject !== undefined) this.effects.add("referrer");
    if (tag === undefined) return "ok";
    if (holder !== undefined && holder !== held) this.effects.add("move");
    holder?.tags.delete(tag);
    held.tags.add(tag);
    return "ok";
  }

  deleteByTag(tag: string): Outcome {
    const held = this.#holderOf(tag);
    if (held === undefined) return this.#refuse("ImageNotFound");
    if (held.tags.size > 1) {
      held.tags.delete(tag);
      this.effects.add("untag");
      return "ok";
    }
    return this.#remove(held, "delete by tag");
  }

  deleteByDigest(name: string): Outcome {
    const held = this.images.get(name);
    return held === undefined ? this.#refuse("ImageNotFound") : this.#remove(held, "delete by digest");
  }

  deleteByBoth(name: string, tag: string): Outcome {
    const holder = this.#holderOf(tag);
    if (holder === undefined) return this.#refuse("ImageNotFound");
    if (holder.content.name !== name) return this.#refuse("ImageTagDoesNotMatchDigest");
    return this.deleteByTag(tag);
  }

  archive(name: string): Outcome {
    const held = this.images.get(name);
    if (held === undefined) return this.#refuse("ImageNotFoundException");
    if (held.status === "ARCHIVED") return "ok";
    if (held.status === "ACTIVATING" || this.#parentsOf(name).some((parent) => parent.status !== "ARCHIVED"))
      return this.#refuse("ImageStorageClassUpdateNotSupportedException");
    held.status = "ARCHIVED";
    this.effects.add("archive");
    return "ok";
  }

  restore(name: string): Outcome {
    const held = this.images.get(name);
    if (held === undefined) return this.#refuse("ImageNotFoundException");
    if (held.status !== "ARCHIVED") return "ok";
    held.status = "ACTIVATING";
    held.restoredAt = this.#now + this.#restoreMillis;
    this.effects.add("restore");
    this.wait(0);
    return "ok";
  }

  wait(milliseconds: number): void {
    this.#now += milliseconds;
    for (const held of this.images.values())
      if (held.status === "ACTIVATING" && held.restoredAt <= this.#now) {
        held.status = "ACTIVE";
        held.since = this.#now;
      }
  }

  setMutability(mutability: Mutability): void {
    if (mutability !== this.mutability) this.effects.add("mutability");
    this.mutability = mutability;
  }

  /** The repository goes with everything in it, and comes again. */
  recreate(mutability: Mutability): void {
    if (this.images.size > 0) this.effects.add("recreate");
    this.images.clear();
    this.mutability = mutability;
  }

  /** A run of the policy "untagged images expire after a day", and what referrers do then. */
  runLifecycle(): void {
    for (const held of [...this.images.values()].filter((it) => this.#isExpired(it)))
      if (this.#parentsOf(held.content.name).length === 0) {
        this.images.delete(held.content.name);
        this.effects.add("lifecycle");
      }
    for (const held of [...this.images.values()]) this.#follow(held);
  }

  /** The names of what can be pulled by this tag. */
  pull(tag: string): string | undefined {
    const held = this.#holderOf(tag);
    return held?.status === "ACTIVE" ? held.content.name : undefined;
  }

  #newcomer(content: Content): Held {
    const now = this.#now;
    return { content, status: "ACTIVE", tags: new Set(), since: now, pushedAt: now, restoredAt: 0 };
  }

  #isExpired({ content, status, tags, since }: Held): boolean {
    const indexed = this.#parentsOf(content.name).some((parent) => parent.status !== "ARCHIVED");
    const seen = status === "ACTIVE" && tags.size === 0 && content.subject === undefined && !indexed;
    return seen && this.#now - since > DAY;
  }

  #follow(held: Held): void {
    if (held.content.subject === undefined) return;
    const subject = this.images.get(held.content.subject);
    if (subject === undefined && this.#now - held.pushedAt > DAY) this.images.delete(held.content.name);
    if (subject?.status === "ARCHIVED" && held.status === "ACTIVE") held.status = "ARCHIVED";
  }

  #remove(held: Held, effect: Effect): Outcome {
    if (this.#parentsOf(held.content.name).length > 0) return this.#refuse("ImageReferencedByManifestList");
    this.images.delete(held.content.name);
    this.effects.add(effect);
    return "ok";
  }

  #refuse(refusal: Refusal): Refusal {
    this.effects.add(refusal);
    return refusal;
  }

  #holderOf(tag: string): Held | undefined {
    return [...this.images.values()].find((held) => held.tags.has(tag));
  }

  #parentsOf(name: string): readonly Held[] {
    return [...this.images.values()].filter((held) => held.content.children.includes(name));
  }

  #isFixed(tag: string): boolean {
    const excluded = EXCLUDED.test(tag);
    if (this.mutability === "MUTABLE_WITH_EXCLUSION") return excluded;
    if (this.mutability === "IMMUTABLE_WITH_EXCLUSION") return !excluded;
    return this.mutability === "IMMUTABLE";
  }
}
