import type { Scenario } from "./scenario.ts";
import type { Line, Told } from "./told.ts";
import {
  HOLDS,
  type Image,
  MAX_AGE,
  OTHER,
  RECENTLY,
  REFERS_TO,
  REGISTRIES,
  REPOSITORIES,
  type RegistryWord,
  type RepositoryWord,
  SCOPES,
  type ScopeWord,
} from "./universe.ts";

/*
 * What is in use, worked out anew with sets and hours alone: it imports nothing of the product, and does nothing the way the
 * product does it. A use is a word, `<image or repository:tag>|<slot>|<source>`; with each goes the hour until which it counts.
 */

export type Verdict = "used" | "unused" | "unknown";

type Scope = {
  words: ReadonlySet<string>;
  observedAt: number;
  failed: boolean;
  suspect: { report: Report; observedAt: number } | undefined;
};
type Report = { readonly until: ReadonlyMap<string, number> };

export type Oracle = {
  tell(told: Told): void;
  ask(
    repository: RepositoryWord,
    image: Image,
    now: number,
  ): { verdict: Verdict; places: ReadonlySet<string> };
  /** Words of uses that count, by the image that is used, for the statistics. */
  direct(now: number): ReadonlyMap<Image, ReadonlySet<string>>;
  notes: ReadonlyMap<string, ReadonlySet<string>>;
  suspects(): number;
};

export function newOracle(scenario: Scenario): Oracle {
  const until = new Map<string, number>();
  const notes = new Map<string, Set<string>>();
  const tags = new Map<string, Image>();
  const scopes = new Map<string, Scope>();
  const readAt = new Map<RegistryWord, number>();

  function believe(of: ScopeWord, report: Report, { at, observedAt }: { at: number; observedAt: number }) {
    const before = scopes.get(nameOf(of))?.words ?? new Set<string>();
    for (const word of before) until.set(word, Math.min(until.get(word) ?? at, at + RECENTLY));
    for (const [word, hour] of report.until) until.set(word, hour);
    const words = new Set(report.until.keys());
    scopes.set(nameOf(of), {
      words,
      observedAt: Math.min(observedAt, at),
      failed: false,
      suspect: undefined,
    });
  }

  function tell(told: Told): void {
    switch (told.do) {
      case "tag":
        tags.set(`${told.repository}:${told.tag}`, told.image);
        return;
      case "consumers":
        readAt.set(told.registry, told.at);
        return;
      case "event":
        for (const it of [told.resolved, told.named.pinned])
          if (it) until.set(`${it}|${told.slot}|events`, told.at + RECENTLY);
        return;
      case "report-old":
        return;
      case "fail":
        scopes.set(nameOf(told.of), { ...scopeOf(told.of), failed: true });
        return;
      case "accept": {
        const { suspect } = scopeOf(told.of);
        if (suspect) believe(told.of, suspect.report, { at: told.at, observedAt: suspect.observedAt });
        return;
      }
      case "report":
        hear(told);
    }
  }

  function hear({ of, at, observedAt, lines }: Extract<Told, { do: "report" }>): void {
    const report = read(lines, of.source);
    const scope = scopeOf(of);
    const had = subjects(scope.words);
    const has = subjects(report.until.keys());
    const missing = had.difference(has).size;
    const isShrunken = missing > 5 && missing / had.size > 0.2;
    const isBlind = of.source === "eks" && scope.observedAt === -Infinity && lines.length === 0;
    if (isBlind || (had.size > 0 && (has.size === 0 || isShrunken)))
      scopes.set(nameOf(of), { ...scope, failed: false, suspect: { report, observedAt } });
    else believe(of, report, { at, observedAt });
  }

  function read(lines: readonly Line[], source: string): Report {
    const hours = new Map<string, number>();
    for (const line of lines)
      for (const subject of subjectsOf(line)) {
        const word = `${subject}|${line.slot}|${source}`;
        const hour = line.kind === "stopped" && line.seenAt !== undefined ? line.seenAt + RECENTLY : Infinity;
        hours.set(word, Math.max(hours.get(word) ?? 0, hour));
        notes.set(word, (notes.get(word) ?? new Set()).add(line.note ?? line.kind));
      }
    return { until: hours };
  }

  function scopeOf(of: ScopeWord): Scope {
    const never = { words: new Set<string>(), observedAt: -Infinity, failed: false, suspect: undefined };
    return scopes.get(nameOf(of)) ?? never;
  }

  function direct(now: number): ReadonlyMap<Image, ReadonlySet<string>> {
    const used = new Map<Image, Set<string>>();
    for (const [word, hour] of until) {
      if (hour < now) continue;
      const subject = word.slice(0, word.indexOf("|"));
      const image = tags.get(subject) ?? (subject as Image);
      used.set(image, (used.get(image) ?? new Set()).add(word));
    }
    return used;
  }

  function ask(repository: RepositoryWord, image: Image, now: number) {
    const used = direct(now);
    const words = [...family(scenario, repository, image)].flatMap((it) => [...(used.get(it) ?? [])]);
    const places = new Set(words.map((word) => word.slice(word.indexOf("|") + 1)));
    const isHidden = scenario.unread && REPOSITORIES[repository].images.includes("I2");
    const unsure = isHidden || isBlocked(repository, now);
    return { verdict: places.size > 0 ? "used" : unsure ? "unknown" : "unused", places } as const;
  }

  function isBlocked(repository: RepositoryWord, now: number): boolean {
    const { registry } = REPOSITORIES[repository];
    if (!isDeclared(scenario, registry)) return true;
    if (!(now - (readAt.get(registry) ?? -Infinity) <= MAX_AGE.collected)) return true;
    const pulls = scenario.pullsThrough && isDeclared(scenario, "other") && readAt.has("other");
    const consumers = consumersOf(scenario, repository, pulls);
    return consumers.has("*") || [...consumers].some((account) => !isSeen(account, now));
  }

  function isSeen(account: string, now: number): boolean {
    const watching = SCOPES.filter((of) => of.account === account && isAsked(scenario, of));
    return watching.length > 0 && watching.every((of) => isGood(scopeOf(of), of, now));
  }

  const suspects = () => [...scopes.values()].filter(({ suspect }) => suspect).length;
  return { tell, ask, direct, notes, suspects };
}

function isGood({ observedAt, failed, suspect }: Scope, { source }: ScopeWord, now: number): boolean {
  const age = now - observedAt;
  return !failed && !suspect && age <= (source === "eks" ? MAX_AGE.own : MAX_AGE.collected);
}

function subjectsOf({ named, resolved, kind }: Line): ReadonlySet<string> {
  const images = new Set<string>([named.pinned, resolved].filter((it) => it !== undefined));
  const goesByTag = named.pinned === undefined && (kind === "template" || images.size === 0);
  return goesByTag ? images.add(`${named.repository}:${named.tag}`) : images;
}

function subjects(words: Iterable<string>): ReadonlySet<string> {
  return new Set([...words].map((word) => word.slice(0, word.indexOf("|"))));
}

/** All images of which a use is a use of this one, as far as it can be known from where the image lies. */
function family(scenario: Scenario, repository: RepositoryWord, image: Image): ReadonlySet<Image> {
  const readable = (index: Image) => !(scenario.unread && index === "I2");
  const isKnown = (index: Image) =>
    scenario.counted || HOLDS[index]?.[0] === image || REPOSITORIES[repository].images.includes(index);
  const held = (["I1", "I2"] as const).filter(
    (index) => HOLDS[index]?.includes(image) && readable(index) && isKnown(index),
  );
  const above = new Set<Image>([image, ...held, ...(REFERS_TO[image] ? [REFERS_TO[image]] : [])]);
  return new Set([...above].flatMap((it) => [it, ...(readable(it) ? (HOLDS[it] ?? []) : [])]));
}

function consumersOf(
  { policies, named }: Scenario,
  repository: RepositoryWord,
  pulls: boolean,
): ReadonlySet<string> {
  const { registry, name } = REPOSITORIES[repository];
  const isTeam = name.startsWith("team/");
  const consumers = new Set([
    REGISTRIES[registry].account,
    ...policies[repository],
    ...(isTeam ? named : []),
  ]);
  if (pulls && isTeam && registry === "east") consumers.add(OTHER);
  if (isTeam && named.length > 0) consumers.delete("*");
  return consumers;
}

function isDeclared({ otherDeclared }: Scenario, registry: RegistryWord): boolean {
  return otherDeclared || registry !== "other";
}

function isAsked(scenario: Scenario, { source, scope }: ScopeWord): boolean {
  return source === "eks" ? scenario.ownSource : scope !== "shop" && isDeclared(scenario, scope);
}

function nameOf({ source, scope }: ScopeWord): string {
  return `${source} ${scope}`;
}
