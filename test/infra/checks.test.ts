import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Snapshot } from "@tallyman/cloud/topology/snapshot";
import { describe, expect, test } from "vitest";
import { CHECKS } from "./checks/all.ts";
import type { Snapshots } from "./checks/resources.ts";
import { MUTATIONS, type Mutation, type Step } from "./mutations.ts";
import { ROOT } from "./synth/synthesize.ts";

function read(stack: string): Snapshot {
  return Snapshot.parse(JSON.parse(readFileSync(join(ROOT, "stacks", "snapshot", `${stack}.json`), "utf8")));
}

const SNAPSHOTS: Snapshots = { hub: read("hub"), member: read("member") };

function mutated([stack, path, value]: Mutation): Snapshots {
  const copy = structuredClone(SNAPSHOTS);
  const [parent, key] = path.slice(0, -1).reduce(descend, [copy[stack], "resources"]);
  const [place, last] = descend([parent, key], path.at(-1) ?? "");
  if (value !== undefined) place[last] = value;
  else if (!(last in place)) throw new Error(`nothing stands at ${JSON.stringify(path)}`);
  else delete place[last];
  return copy;
}

type Location = [place: Record<string, unknown>, key: string];

function descend([place, key]: Location, step: Step): Location {
  const next = place[key];
  if (typeof next !== "object" || next === null) throw new Error(`nothing stands at ${key}`);
  const inside = typeof step === "object" ? indexOf(next, step.action) : String(step);
  return [next as Record<string, unknown>, inside];
}

function indexOf(statements: object, action: string): string {
  const found = Object.entries(statements).find(([, { Action }]) => [Action].flat().includes(action));
  if (!found) throw new Error(`no statement names ${action}`);
  return found[0];
}

describe("the synthesized stacks", () => {
  for (const [name, check] of Object.entries(CHECKS)) {
    test(`hold: ${name}`, () => expect(check(SNAPSHOTS)).toEqual([]));
  }

  test.each(MUTATIONS)("%s reports %s", (check, _what, ...mutation) => {
    expect(CHECKS[check](mutated(mutation))).not.toEqual([]);
  });

  test("prove every check by a mutation", () => {
    const proven = new Set(MUTATIONS.map(([check]) => check));
    expect(Object.keys(CHECKS).filter((name) => !proven.has(name as keyof typeof CHECKS))).toEqual([]);
  });
});
