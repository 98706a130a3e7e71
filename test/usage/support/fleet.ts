import { ACTS, type Scenario, type Step } from "./scenario.ts";
import { eventsOf, linesOf, type Named, type Told, type Workload } from "./told.ts";
import {
  COMMON,
  HOLDS,
  IMAGES,
  type Image,
  REGISTRIES,
  REPOSITORIES,
  REPOSITORY_WORDS,
  REVISIONS,
  type RegistryWord,
  type RepositoryWord,
  SCOPES,
  type ScopeWord,
  SLOTS,
  TAGS,
  type Tag,
} from "./universe.ts";

/** An image that is really needed, since that hour, by what runs or would start in that account. */
export type Needed = {
  readonly repository: RepositoryWord;
  readonly image: Image;
  readonly account: string;
  readonly since: number;
};

type Played = { readonly told: readonly Told[]; readonly now: number; readonly needed: readonly Needed[] };

/** Lets everything of a scenario happen, and returns what is told of it, when it ended, and what is needed then. */
export function play(scenario: Scenario): Played {
  const fleet = newFleet(scenario);
  for (const repository of REPOSITORY_WORDS)
    for (const [i, tag] of TAGS.entries())
      fleet.moveTag(repository, tag, REPOSITORIES[repository].images[i] ?? "S1");
  for (const step of scenario.steps) fleet.happen(step);
  for (const act of scenario.acts) fleet.act(act);
  if (scenario.fresh) {
    fleet.happen({ do: "consumers", a: 0, b: 0, c: 0 });
    fleet.happen({ do: "report-all", a: 0, b: scenario.late ? 1 : 0, c: 0 });
  }
  for (const step of scenario.last) fleet.happen(step);
  return { told: fleet.told, now: fleet.now(), needed: fleet.needed() };
}

function idle(): Workload {
  return { running: false, since: 0, revisions: [], stopped: [] };
}

function newFleet(scenario: Scenario) {
  const told: Told[] = [];
  const workloads: Workload[] = SLOTS.map(idle);
  const tags = new Map<string, Image>();
  const scopes = SCOPES.filter((of) => isAsked(scenario, of));
  let at = 0;

  function workload(a: number): [number, Workload] {
    const slot = a % SLOTS.length;
    return [slot, workloads[slot] ?? idle()];
  }

  function stop(it: Workload): void {
    if (it.running && it.named && it.resolved)
      it.stopped.push({ named: it.named, resolved: it.resolved, at });
    it.running = false;
  }

  /** A runtime tells of the index, or of the platform that it took from it. */
  function start(it: Workload, named: Named, c: number): void {
    stop(it);
    if (it.named) it.revisions = [it.named, ...it.revisions].slice(0, REVISIONS);
    const asked = named.pinned ?? tags.get(`${named.repository} ${named.tag}`) ?? "S1";
    const platforms = HOLDS[asked] ?? [];
    it.named = named;
    it.resolved = c % 2 === 0 ? asked : (platforms[(c >> 1) % Math.max(1, platforms.length)] ?? asked);
    it.running = true;
    it.since = at;
  }

  function report(
    of: ScopeWord,
    how: { share?: number; lag?: number; killedAt?: readonly number[] } = {},
  ): void {
    const lines = workloads.flatMap((it, slot) => (isSeen(of, slot) ? linesOf(it, slot, at) : []));
    const { share = 1, lag = 0, killedAt = [] } = how;
    const some = lines.slice(0, Math.round(lines.length * share));
    told.push({ do: "report", at, of, observedAt: at - lag, lines: some, killedAt });
  }

  function moveTag(repository: RepositoryWord, tag: Tag, image: Image): void {
    tags.set(`${repository} ${tag}`, image);
    told.push({ do: "tag", at, repository, tag, image });
  }

  function happen({ do: kind, a, b, c }: Step): void {
    const [slot, it] = workload(a);
    const of = scopes[a % scopes.length];
    switch (kind) {
      case "deploy":
        start(it, chosen(b, c), c);
        return;
      case "scale-to-zero":
        stop(it);
        return;
      case "roll-back":
        if (it.revisions[0]) start(it, it.revisions[0], c);
        return;
      case "remove":
        stop(it);
        workloads[slot] = { ...idle(), stopped: it.stopped };
        return;
      case "move-tag": {
        const repository = REPOSITORY_WORDS[a % REPOSITORY_WORDS.length] ?? "app";
        const images = commonIn(repository);
        moveTag(repository, TAGS[b % TAGS.length] ?? "v1", images[c % images.length] ?? "S1");
        return;
      }
      case "report":
        if (of) report(of, { lag: b % 2, killedAt: c % 3 === 0 ? [(c % 7) + 1, (b % 5) + 1] : [] });
        return;
      case "report-all":
        for (const each of scopes) report(each, { lag: b % 2 });
        return;
      case "report-empty":
        if (of) report(of, { share: 0 });
        return;
      case "report-half":
        if (of) report(of, { share: 0.5 });
        return;
      case "report-old":
      case "fail":
      case "accept":
        if (of) told.push({ do: kind, at, of });
        return;
      case "event":
        told.push(...eventsOf(it, slot, at));
        return;
      case "consumers":
        for (const registry of Object.keys(REGISTRIES) as RegistryWord[])
          if (c % 4 !== 1 || registry !== "east") told.push({ do: "consumers", at, registry });
        return;
      case "wait":
        at += [1, 1, 2, 3, 12, 24, 25][b % 7] ?? 1;
    }
  }

  /** Uses an image of its own in one way alone, and has that reported. */
  function act({ act: way, slot: a, c }: Scenario["acts"][number]): void {
    const pinned = IMAGES[COMMON.length + ACTS.indexOf(way)] ?? "X1";
    // Events tell of ECS alone.
    const [slot, it] = workload(way === "event" ? a % 4 : a);
    start(it, { repository: "app", pinned }, c);
    if (way === "scale to zero") stop(it);
    if (way === "roll back") start(it, { repository: "app", pinned: "S1" }, c);
    if (way === "stop") happen({ do: "remove", a: slot, b: 0, c });
    if (way === "event") {
      told.push(...eventsOf(it, slot, at));
      workloads[slot] = idle();
    }
    const of = scopes.find((one) => isSeen(one, slot));
    if (of) report(of, { killedAt: [(c % 9) + 1] });
  }

  function needed(): readonly Needed[] {
    return workloads.flatMap(({ named, resolved, running, since }, slot) => {
      // What no source is asked of is nobody's to know: docs/evidence.md, "What is not seen".
      if (named === undefined || !scopes.some((one) => isSeen(one, slot))) return [];
      const { repository, tag, pinned } = named;
      const next = pinned ?? tags.get(`${repository} ${tag}`);
      // A function's versions are made of the image that the tag pointed to then.
      const images = [running ? resolved : undefined, SLOTS[slot]?.source === "lambda" ? undefined : next];
      const { account = "" } = SLOTS[slot] ?? {};
      return images.flatMap((image) => (image === undefined ? [] : [{ repository, image, account, since }]));
    });
  }

  return { told, happen, act, needed, moveTag, now: () => at };
}

/** What nobody declared is not asked, but its own source may tell all the same. */
function isAsked({ otherDeclared, ownSource }: Scenario, { source, scope }: ScopeWord): boolean {
  return source === "eks" ? ownSource : otherDeclared || scope !== "other";
}

function isSeen(of: ScopeWord, slot: number): boolean {
  const it = SLOTS[slot];
  return it?.source === of.source && it.scope === of.scope;
}

function commonIn(repository: RepositoryWord): readonly Image[] {
  return REPOSITORIES[repository].images.filter((image) => COMMON.includes(image));
}

function chosen(b: number, c: number): Named {
  const repository = REPOSITORY_WORDS[b % REPOSITORY_WORDS.length] ?? "app";
  const tag = TAGS[(b >> 3) % TAGS.length] ?? "v1";
  const images = commonIn(repository);
  const pinned = images[(c >> 2) % images.length] ?? IMAGES[0];
  return (
    [
      { repository, tag },
      { repository, tag, pinned },
      { repository, pinned },
    ][c % 3] ?? { repository, tag }
  );
}
