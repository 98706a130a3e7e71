import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { type InventoryDump, placeName } from "./inventory-dump.ts";
import type { Stored } from "./tables.ts";
import type { Truth } from "./truth.ts";

/** One state of a tag or an image as an item tells of it. */
type State = { readonly value: string; readonly since: string };

/**
 * What the recorded past of a repository says against what was: every state that was recorded was the case, in this order;
 * each ended before the next began; none that was ever stored is lost.
 */
export function judgeHistory(
  repository: RepositoryRef,
  { dump, written, truth }: { dump: InventoryDump; written: readonly Stored[]; truth: Truth },
): readonly string[] {
  const here = written.filter(({ pk }) => pk === dumpKey(repository));
  const tags = dump.of(repository, "T#").flatMap((pointer) => {
    const tag = String(pointer["tag"]);
    const recorded = [...dump.settled(repository, tag), pointer].map(stateOfTag);
    const stored = here.filter(({ sk }) => sk === pointer.sk).map(stateOfTag);
    const was = truth.ofTag(repository, tag).map((digest) => digest ?? "nothing");
    return judge(`${placeName(repository)}:${tag}`, { recorded: merged(recorded), stored, was });
  });
  const images = dump.of(repository, "I#").flatMap((record) => {
    const digest = String(record["digest"]);
    const recorded = [...dump.settled(repository, digest), record].map(stageOfImage);
    const stored = here.filter(({ sk }) => sk === record.sk).map(stageOfImage);
    const was = truth.ofImage(repository, digest);
    return judge(`${placeName(repository)}@${digest}`, { recorded: merged(recorded), stored, was });
  });
  return [...tags, ...images];
}

type Case = {
  readonly recorded: readonly State[];
  readonly stored: readonly State[];
  readonly was: readonly string[];
};

function judge(name: string, { recorded, stored, was }: Case): readonly string[] {
  const problems: string[] = [];
  const told = recorded.map(({ value }) => value);
  if (!isSubsequence(told, was)) problems.push(`${name}: recorded ${short(told)}, but it was ${short(was)}`);
  for (const [i, state] of recorded.entries()) {
    const next = recorded[i + 1];
    if (next && next.value === state.value) problems.push(`${name}: ${short([state.value])} is told twice`);
    if (next && next.since < state.since)
      problems.push(`${name}: ended at ${next.since}, before it began at ${state.since}`);
  }
  const kept = new Set(recorded.map(keyOf));
  for (const state of stored)
    if (!kept.has(keyOf(state))) problems.push(`${name}: ${keyOf(state)} was recorded and is lost`);
  return problems;
}

/** A crash between the two writes of a move leaves the settled state twice, perhaps under a later version. */
function merged(states: readonly State[]): readonly State[] {
  return states.filter((state, i) => {
    const next = states[i + 1];
    return next === undefined || keyOf(next) !== keyOf(state);
  });
}

function keyOf({ value, since }: State): string {
  return `${value} since ${since}`;
}

function stateOfTag(item: Stored): State {
  return {
    value: item["digest"] === null ? "nothing" : String(item["digest"]),
    since: String(item["since"]),
  };
}

function stageOfImage(item: Stored): State {
  const value = item["state"] === "closed" ? "gone" : String(item["status"]);
  return { value, since: String(item["since"]) };
}

/** `was` has neighbours that differ, so that a state may be told of only as often as it began. */
function isSubsequence(told: readonly string[], was: readonly string[]): boolean {
  let at = 0;
  for (const value of told) {
    const found = was.indexOf(value, at);
    if (found < 0) return false;
    at = found + 1;
  }
  return true;
}

function short(values: readonly string[]): string {
  return values.map((value) => value.replace("sha256:", "").slice(0, 8)).join(", ");
}

function dumpKey({ account, region, repository }: RepositoryRef): string {
  return `R#${account}#${region}#${repository}`;
}
