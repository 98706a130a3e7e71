import * as fc from "fast-check";
import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import type { LifeStage } from "../inventory/life-stages.ts";
import type { Deed } from "./deed.ts";
import { lifeOf } from "./life-of.ts";
import type { TagStay } from "./tag-stay.ts";

// A registry of two images is played, act by act. What has to be told is written down by whoever plays it, while it is
// played; who did it is known because everybody acts once, under a name of their own.

const place = aRepository("prod/web");
const DIGESTS = [aDigest("A"), aDigest("B")] as const;
const TAGS = ["1", "2"];

type Act = {
  readonly kind: "push" | "delete" | "expire" | "archive" | "restore";
  readonly tag: string;
  /** CloudTrail told of it. */
  readonly isTold: boolean;
};

/** Something is done to one image, and a second later perhaps to the other. */
type Step = {
  readonly image: 0 | 1;
  readonly acts: readonly [Act] | readonly [Act, Act];
  /** From the acts to when we see them, in seconds. */
  readonly lag: number;
};

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom<Act["kind"]>("push", "push", "push", "delete", "expire", "archive", "restore"),
  tag: fc.constantFrom(...TAGS),
  isTold: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.record({
  image: fc.constantFrom(0 as const, 1 as const),
  acts: fc.oneof(fc.tuple(act), fc.tuple(act, act)),
  lag: fc.integer({ min: -60, max: 600 }),
});

/** Farther apart than a deed may be from what it led to, so that only one to the same image can be meant. */
const APART_MS = 3_600_000;
const BEGIN = Date.parse("2026-01-01T00:00:00.000Z");

class Played {
  readonly stages: [LifeStage[], LifeStage[]] = [[], []];
  readonly stays: [TagStay[], TagStay[]] = [[], []];
  readonly deeds: Deed[] = [];
  /** For each image, what has to be told: `what tag by`, in order. */
  readonly expected: [string[], string[]] = [[], []];
  readonly #pointers = new Map<string, 0 | 1>();
  #versions = 0;
  #acts = 0;
  #steps = 0;

  run({ image, acts, lag }: Step): void {
    const hour = BEGIN + ++this.#steps * APART_MS;
    for (const [i, it] of acts.entries()) {
      const whose = i === 0 ? image : image === 0 ? 1 : 0;
      this.#act(it, { image: whose, done: hour + i * 1000, lag });
    }
  }

  #act({ kind, tag, isTold }: Act, { image, done, lag }: { image: 0 | 1; done: number; lag: number }): void {
    const by = isTold ? `somebody ${++this.#acts}` : "";
    const seen = { at: new Date(done + lag * 1000).toISOString(), by };
    if (!this.#apply({ kind, image, tag }, seen) || !isTold) return;
    const named = kind === "push" ? { tag } : {};
    const [digest, at] = [DIGESTS[image], new Date(done).toISOString()];
    this.deeds.push({ ...place, event: by, place: 0, at, action: kind, by, digest, ...named });
  }

  #apply(
    { kind, image, tag }: Pick<Act, "kind" | "tag"> & { readonly image: 0 | 1 },
    seen: { readonly at: string; readonly by: string },
  ): boolean {
    const now = this.stages[image].at(-1);
    const isHere = now?.state === "open";
    if (kind === "push") return this.#push(image, tag, { ...seen, isHere });
    if (!isHere) return false;
    if (kind === "archive" || kind === "restore") {
      const status = kind === "archive" ? "ARCHIVED" : "ACTIVE";
      if (now.status === status) return false;
      this.#stage(image, { ...now, status, cause: kind }, { ...seen, what: `${kind}d` });
      return true;
    }
    for (const [name, at] of [...this.#pointers].toSorted())
      if (at === image) this.#leave(name, image, { ...seen, to: null });
    this.#stage(
      image,
      { ...now, state: "closed", cause: "delete" },
      { ...seen, what: kind === "expire" ? "expired" : "deleted" },
    );
    return true;
  }

  #push(
    image: 0 | 1,
    tag: string,
    { isHere, ...seen }: { at: string; by: string; isHere: boolean },
  ): boolean {
    const before = this.#pointers.get(tag);
    if (isHere && before === image) return false;
    if (!isHere) {
      const stage = { state: "open", status: "ACTIVE", cause: "push" } as const;
      this.#stage(image, { ...stage, since: "", version: 0 }, { ...seen, what: "pushed" });
    }
    if (before !== undefined) this.#leave(tag, before, { ...seen, to: DIGESTS[image] });
    const version = ++this.#versions;
    this.stays[image].push({ tag, digest: DIGESTS[image], since: seen.at, cause: "push", version });
    this.expected[image].push(`tagged ${tag} ${seen.by}`);
    this.#pointers.set(tag, image);
    return true;
  }

  #stage(image: 0 | 1, stage: LifeStage, seen: { at: string; by: string; what: string }): void {
    this.stages[image].push({ ...stage, since: seen.at, version: ++this.#versions });
    // Without CloudTrail an expiry is a deletion like any other.
    const what = seen.what === "expired" && seen.by === "" ? "deleted" : seen.what;
    this.expected[image].push(`${what} ${seen.by}`);
  }

  #leave(tag: string, image: 0 | 1, { at, by, to }: { at: string; by: string; to: string | null }): void {
    const stays = this.stays[image];
    const last = stays.findLastIndex((stay) => stay.tag === tag);
    const cause = to === null ? "delete" : "push";
    stays.splice(
      last,
      1,
      ...stays.slice(last, last + 1).map((stay) => ({ ...stay, ended: { at, cause, to } }) as const),
    );
    this.expected[image].push(`untagged ${tag} ${by}`);
    this.#pointers.delete(tag);
  }
}

test("of any history each image is told all that happened to it, once, in order, and nobody else's deeds", async () => {
  await fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.infiniteStream(fc.boolean()), (steps, shuffle) => {
      const played = new Played();
      for (const it of steps) played.run(it);
      // In whichever order they were read.
      const deeds = played.deeds.toSorted(() => (shuffle.next().value ? 1 : -1));
      for (const image of [0, 1] as const) {
        const past = { stages: played.stages[image], stays: played.stays[image], replicas: [], deeds };
        const life = lifeOf({ place, digest: DIGESTS[image], ...past });
        expect(
          life.map(({ what, tag, by }) => `${tag === undefined ? what : `${what} ${tag}`} ${by ?? ""}`),
        ).toEqual(played.expected[image]);
        expect(life.map(({ at }) => at)).toEqual(life.map(({ at }) => at).toSorted());
      }
    }),
    { numRuns: 2000 },
  );
});
