import * as fc from "fast-check";
import { type Needed, play } from "./fleet.ts";
import { newOracle, type Verdict } from "./oracle.ts";
import { newProduct } from "./product.ts";
import { type Scenario, scenarios } from "./scenario.ts";
import {
  IMAGES,
  type Image,
  MAX_AGE,
  REGISTRIES,
  REPOSITORIES,
  REPOSITORY_WORDS,
  type RepositoryWord,
  SLOTS,
} from "./universe.ts";

export type Answer = {
  readonly repository: RepositoryWord;
  readonly image: Image;
  readonly verdict: Verdict;
  /** `<service>|<source>` of every use. */
  readonly places: readonly string[];
};

/** What the product and the oracle say of every image at the end of a scenario. */
export async function bothAnswers(scenario: Scenario) {
  const { told, now, needed } = play(scenario);
  const product = await newProduct(scenario);
  const oracle = newOracle(scenario);
  for (const one of told) {
    await product.tell(one);
    oracle.tell(one);
  }
  const ours: Answer[] = [];
  const theirs: Answer[] = [];
  for (const repository of REPOSITORY_WORDS) {
    const ask = await product.asker(repository, now);
    for (const image of REPOSITORIES[repository].images) {
      const { verdict, uses } = await ask(image);
      const services = uses.map(
        ({ service, source }) => `${service}|${source.replace("ecs-events", "events")}`,
      );
      ours.push({ repository, image, verdict, places: [...new Set(services)].toSorted() });
      const said = oracle.ask(repository, image, now);
      theirs.push({ repository, image, verdict: said.verdict, places: placesOf(said.places) });
    }
  }
  return { ours, theirs, oracle, now, told, needed };
}

function placesOf(words: ReadonlySet<string>): readonly string[] {
  const named = [...words].map((word) => {
    const [slot = "", source = ""] = word.split("|");
    return `${SLOTS[Number(slot)]?.service}|${source}`;
  });
  return [...new Set(named)].toSorted();
}

/** Both inclusions at once, of verdicts and of places; throws what fast-check says of the first scenario that differs. */
export async function expectEqualAnswers(
  runs: { readonly numRuns: number; readonly seed?: number },
  onEach: (scenario: Scenario, features: ReadonlySet<string>) => void = () => {},
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const { ours, theirs, oracle, now, told } = await bothAnswers(scenario);
      onEach(scenario, featuresOf(theirs, { oracle, now, told }));
      const said = (answers: readonly Answer[]) => answers.map((it) => JSON.stringify(it));
      const different = said(ours).filter((it, i) => it !== said(theirs)[i]);
      if (different.length > 0)
        throw new Error(
          `product: ${different.join(" ")}, oracle: ${said(theirs)
            .filter((it, i) => it !== said(ours)[i])
            .join(" ")}`,
        );
    }),
    { ...runs, endOnFailure: true },
  );
}

/** In scenarios where sources go silent, fail and are killed, but none tells part of the truth for all of it. */
export async function expectNeededNeverUnused(runs: { readonly numRuns: number }): Promise<number> {
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(scenarios, async (drawn) => {
      const scenario = honest(drawn);
      const both = await bothAnswers(scenario);
      const unused = calledUnused(scenario, both);
      if (unused.length > 0) throw new Error(`needed, and called unused: ${unused.join(" ")}`);
      if (both.needed.some(({ since }) => both.now - since >= OLDEST)) checked += 1;
    }),
    { ...runs, endOnFailure: true },
  );
  return checked;
}

/** Half a day passes at the end, after which some sources report once more, and others do not. */
function honest(scenario: Scenario): Scenario {
  const steps = scenario.steps.filter(({ do: kind }) => kind !== "report-half" && kind !== "report-empty");
  const again = scenario.steps.slice(0, 9).map(({ a, b, c }) => ({ do: "report", a, b, c }) as const);
  const [wait, consumers] = [
    { do: "wait", a: 0, b: 4, c: 0 },
    { do: "consumers", a: 0, b: 0, c: 0 },
  ] as const;
  return { ...scenario, steps, fresh: false, last: [wait, consumers, ...again] };
}

/** Older than this no report counts, of whatever source, and what it saw was there an hour before. */
const OLDEST = Math.max(MAX_AGE.own, MAX_AGE.collected) + 1;

/**
 * What is really needed in an account that may pull it, since before the oldest report that counts, and is called unused.
 */
function calledUnused(
  scenario: Scenario,
  { ours, needed, now }: Pick<Awaited<ReturnType<typeof bothAnswers>>, "ours" | "needed" | "now">,
): readonly string[] {
  const mayPull = ({ repository, account }: Needed) =>
    REGISTRIES[REPOSITORIES[repository].registry].account === account ||
    scenario.policies[repository].some((it) => it === account || (it === "*" && scenario.named.length === 0));
  return needed
    .filter((need) => mayPull(need) && now - need.since >= OLDEST)
    .filter(({ repository, image }) =>
      ours.some((it) => it.repository === repository && it.image === image && it.verdict === "unused"),
    )
    .map((need) => JSON.stringify(need));
}

/** What a scenario has, for the statistics of the generator. */
function featuresOf(
  answers: readonly Answer[],
  { oracle, now, told }: Pick<Awaited<ReturnType<typeof bothAnswers>>, "oracle" | "now" | "told">,
): ReadonlySet<string> {
  const direct = oracle.direct(now);
  const notesOf = (image: Image) =>
    new Set([...(direct.get(image) ?? [])].flatMap((word) => [...(oracle.notes.get(word) ?? ["event"])]));
  /** Stopped by now, and kept in use by the other note alone. */
  const onlyBy = (note: string) =>
    IMAGES.some((image) => {
      const notes = notesOf(image);
      return notes.has(note) && [...notes].every((it) => it === note || it === "stopped");
    });
  const isDirect = (image: Image) => direct.has(image);
  const accounts = new Set(
    [...direct.values()].flatMap((words) =>
      [...words].map((word) => SLOTS[Number(word.split("|")[1])]?.account),
    ),
  );
  const has: Readonly<Record<string, boolean>> = {
    "an index with only a platform in use":
      (!isDirect("I1") && (isDirect("P1") || isDirect("P2"))) ||
      (!isDirect("I2") && (isDirect("P2") || isDirect("P3"))),
    "a platform with only its index in use": isDirect("I1") && !(isDirect("P1") && isDirect("P2")),
    "a service scaled to zero": onlyBy("zero"),
    "a target of a rollback": onlyBy("revision"),
    "a stopped task": onlyBy("stopped"),
    "what only an event told of": onlyBy("event"),
    "two accounts": accounts.size > 1,
    "a suspect report": oracle.suspects() > 0,
    "a tag that moved": told.filter((it) => it.do === "tag").length > 2 * REPOSITORY_WORDS.length,
    "an image in use": answers.some(({ verdict }) => verdict === "used"),
    "an unused image": answers.some(({ verdict }) => verdict === "unused"),
    "an image of which it is not known": answers.some(({ verdict }) => verdict === "unknown"),
  };
  return new Set(Object.keys(has).filter((feature) => has[feature]));
}
