import type { LifeStage } from "../inventory/life-stages.ts";
import type { Cause, ReplicaRecord } from "../inventory/records.ts";
import { registryName } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { Happening, LifeEntry } from "./life-entry.ts";
import type { TagStay } from "./tag-stay.ts";

/** One entry for each stage, in the order of their versions. */
export function stageEntries(
  stages: readonly LifeStage[],
  from: ReplicaRecord | undefined,
): readonly LifeEntry[] {
  return stages.map((stage, i) => {
    const { since: at, cause, why } = stage;
    const what = happeningOf(stage, stages[i - 1]);
    const registry = what === "replicated" && from ? { registry: from.source } : {};
    return { at, what, ...registry, cause, ...(why !== undefined && { why }) };
  });
}

const CAME: Partial<Readonly<Record<Cause, Happening>>> = {
  push: "pushed",
  replication: "replicated",
  "pull-through": "pulled-through",
};

function happeningOf(stage: LifeStage, before: LifeStage | undefined): Happening {
  if (stage.state === "closed") return stage.cause === "lifecycle" ? "expired" : "deleted";
  if (stage.status === "ARCHIVED") return "archived";
  if (stage.status === "ACTIVATING") return "restoring";
  // What was before a restore may be forgotten by now.
  const wasArchived = before?.state === "open" || stage.cause === "restore";
  return wasArchived ? "restored" : (CAME[stage.cause] ?? "seen");
}

/** A tag's comings and goings. */
export function stayEntries(stays: readonly TagStay[]): readonly LifeEntry[] {
  return stays.flatMap(({ tag, since, cause, why, ended }) => {
    const came = { at: since, what: "tagged", tag, cause, ...(why !== undefined && { why }) } as const;
    if (!ended) return [came];
    const went = {
      at: ended.at,
      what: "untagged",
      tag,
      ...(ended.to !== null && { to: ended.to }),
      cause: ended.cause,
      ...(ended.why !== undefined && { why: ended.why }),
    } as const;
    return [came, went];
  });
}

/** What became of the copies that were promised of an image: those that wait are none of its past yet. */
export function copyEntries(replicas: readonly ReplicaRecord[], place: RepositoryRef): readonly LifeEntry[] {
  const copies = replicas.filter(
    (it) => registryName(it.source) === registryName(place) && it.repository === place.repository,
  );
  return copies.flatMap((replica) => {
    const outcome = outcomeOf(replica);
    if (!outcome) return [];
    const { destination: registry, tag, failureCode } = replica;
    const why = failureCode === undefined ? {} : { why: failureCode };
    return [{ ...outcome, ...(tag !== "" && { tag }), registry, ...why }];
  });
}

function outcomeOf(replica: ReplicaRecord): Pick<LifeEntry, "at" | "what"> | undefined {
  const { state, expectedAt, arrivedAt, noticedAt } = replica;
  if (state === "arrived") return { at: arrivedAt ?? expectedAt, what: "copied" };
  if (state === "failed") return { at: noticedAt ?? expectedAt, what: "copy-failed" };
  return state === "overdue" ? { at: noticedAt ?? expectedAt, what: "copy-late" } : undefined;
}
