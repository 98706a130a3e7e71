import type { ImageStore, InventoryQueries, SummaryStore } from "../inventory/ports.ts";
import type { ImageRecord, ReplicaRecord, TagPointer, ViolationRecord } from "../inventory/records.ts";
import { type RepositoryRef, sameRepository } from "../registry/repository.ts";
import type { Subject } from "./attribute-deeds.ts";
import { type Certainty, certaintyOf } from "./certainty.ts";
import { findSpots, type Question, type SpotDeps } from "./find-spots.ts";
import type { LifeEntry } from "./life-entry.ts";
import { mergeLines } from "./merge-lines.ts";
import { type LifeDeps, readLife, upTo } from "./read-life.ts";

export type WhyDeps = Pick<LifeDeps, "deeds" | "tags"> &
  Pick<SpotDeps, "tags"> & {
    readonly queries: InventoryQueries;
    readonly images: Pick<ImageStore, "findImage">;
    readonly summaries: Pick<SummaryStore, "findSummary">;
  };

/** How an image stands in one repository. */
export type Standing = Omit<ImageRecord, "version" | "changedAt"> & { readonly tags: readonly string[] };

/** One thing that happened, and to which image of which repository. */
export type Told = RepositoryRef & { readonly digest: string } & LifeEntry;

/** All that is known of what somebody asked about. */
export type Story = {
  readonly here: readonly Standing[];
  readonly gone: readonly Standing[];
  /** Of a tag: where it points, by registry; `digest: null`: it is gone. */
  readonly pointers: readonly TagPointer[];
  /** Of all these places, oldest first. */
  readonly life: readonly Told[];
  /** Open ones. */
  readonly violations: readonly ViolationRecord[];
  readonly replicas: readonly ReplicaRecord[];
  readonly sure: readonly Certainty[];
  /** There are more places, or more happened, than is told here. */
  readonly more: boolean;
};

/** Of each digest so many replicas and violations are read. */
const MOST = 200;
/** Of the life the latest are told. */
const MOST_TOLD = 500;

/** Is it here, since when, under which tags, what happened to it. Undefined: it was never seen. */
export async function tellWhy(deps: WhyDeps, question: Question): Promise<Story | undefined> {
  const { spots, pointers, more } = await findSpots(deps, question);
  if (spots.length === 0 && pointers.length === 0) return undefined;
  const places = await Promise.all(spots.map((spot) => lookAt(deps, spot)));
  const digests = [...new Set(spots.map(({ digest }) => digest))];
  const about = await Promise.all(digests.map((digest) => aboutDigest(deps, digest)));
  const life = mergeLines(
    places.map((it) => it.life),
    (a, b) => (a.at < b.at ? -1 : a.at === b.at ? 0 : 1),
  );
  const standings = places.flatMap(({ standing }) => standing ?? []);
  const isTold = (it: RepositoryRef) => spots.some(({ place }) => sameRepository(place, it));
  return {
    here: standings.filter(({ state }) => state === "open"),
    gone: standings.filter(({ state }) => state === "closed"),
    pointers,
    life: life.slice(-MOST_TOLD),
    violations: about.flatMap((it) => it.violations).filter((it) => it.state === "open" && isTold(it)),
    replicas: about.flatMap((it) => it.replicas),
    sure: places.map(({ sure }) => sure),
    more: more || life.length > MOST_TOLD || places.some((it) => !it.complete),
  };
}

async function lookAt(deps: WhyDeps, spot: Subject) {
  const { place, digest } = spot;
  const [record, summary, life, pointers] = await Promise.all([
    deps.images.findImage(place, digest),
    deps.summaries.findSummary(place),
    readLife(deps, spot),
    Array.fromAsync(deps.tags.listTagsOf(place, digest)),
  ]);
  return {
    standing: record && standingOf(record, pointers),
    life: life.entries.map((entry): Told => ({ ...place, digest, ...entry })),
    complete: life.complete,
    sure: certaintyOf(place, summary, record),
  };
}

function standingOf(record: ImageRecord, pointers: readonly TagPointer[]): Standing {
  const { version: _, changedAt: __, ...kept } = record;
  const tags = record.state === "open" ? pointers.map(({ tag }) => tag).toSorted() : [];
  return { ...kept, tags };
}

async function aboutDigest({ queries }: WhyDeps, digest: string) {
  const [violations, replicas] = await Promise.all([
    upTo(MOST, (page) => queries.listViolations({ digest }, page)),
    upTo(MOST, (page) => queries.listReplicas({ digest }, page)),
  ]);
  return { violations: violations.items, replicas: replicas.items };
}
