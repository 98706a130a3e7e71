import { acceptSuspect } from "@tallyman/domain/usage/accept-suspect";
import { applyReport } from "@tallyman/domain/usage/apply-report";
import { doubtFinder } from "@tallyman/domain/usage/doubts-of";
import { NotSuspectError } from "@tallyman/domain/usage/errors";
import type { RegistryConsumers, Snapshot, UsageItem } from "@tallyman/domain/usage/evidence";
import { type InUse, isInUse } from "@tallyman/domain/usage/is-in-use";
import { readEvidence } from "@tallyman/domain/usage/known-evidence";
import { noteUse } from "@tallyman/domain/usage/note-use";
import { viewRepository } from "@tallyman/domain/usage/repository-view";
import { advanced, newState } from "@tallyman/domain/usage/source-state";
import { Usage } from "@tallyman/domain/usage/usage-policy";
import { aDigest } from "../../builders/digest.ts";
import { memoryInventory } from "../../fakes/memory-inventory.ts";
import { memoryUsage } from "../../fakes/memory-usage.ts";
import { fillInventory, pointTag, refOf } from "./inventory.ts";
import type { Scenario } from "./scenario.ts";
import type { Line, Named, Told } from "./told.ts";
import {
  type Image,
  MAX_AGE,
  OTHER,
  RECENTLY,
  REGISTRIES,
  REPOSITORIES,
  type RegistryWord,
  type RepositoryWord,
  type ScopeWord,
  SLOTS,
} from "./universe.ts";

const BEGINNING = Date.parse("2026-11-22T00:00:00.000Z");
const timeOf = (hour: number) => new Date(BEGINNING + hour * 3_600_000);

/** The product as its functions put it together, over memory stores, told and asked in the words of the test. */
export async function newProduct(scenario: Scenario) {
  const inventory = memoryInventory();
  const stores = memoryUsage();
  const reports = new Map<string, Snapshot[]>();
  await fillInventory(inventory, scenario);

  async function apply(snapshot: Snapshot, at: number) {
    await applyReport(stores, snapshot, { now: timeOf(at), keepDays: 730 });
  }

  async function report(told: Extract<Told, { do: "report" }>): Promise<void> {
    const name = `${told.of.source} ${told.of.scope}`;
    const sent = reports.get(name) ?? [];
    const snapshot = snapshotOf(told, sent.length + 1);
    reports.set(name, [...sent, snapshot]);
    for (const killedAt of told.killedAt) {
      let write = 0;
      stores.journal.before = () => {
        if (++write === killedAt) throw new Error("killed");
      };
      await apply(snapshot, told.at).catch(onlyKilled);
      stores.journal.before = undefined;
    }
    await apply(snapshot, told.at);
  }

  async function fail({ source, scope, account }: ScopeWord, at: number): Promise<void> {
    const of = { source, scope: scopeName(scope), account };
    const state = (await stores.states.findState(of.source, of.scope)) ?? newState(of);
    const failure = { at: timeOf(at).toISOString(), reason: "throttled" };
    await stores.states.putState(advanced({ ...state, failure }));
  }

  async function accept({ source, scope }: ScopeWord, at: number): Promise<void> {
    const state = await stores.states.findState(source, scopeName(scope));
    const sequence = state?.suspect?.sequence ?? 1;
    const deps = { states: stores.states, audit: inventory.audit };
    const by = { by: "arn:aws:iam::111122223333:user/ana", reason: "so few run", now: timeOf(at) };
    try {
      await acceptSuspect(deps, { source, scope: scopeName(scope), sequence, ...by });
    } catch (error) {
      if (error instanceof NotSuspectError) return;
      throw error;
    }
    const snapshot = reports.get(`${source} ${scope}`)?.[sequence - 1];
    if (snapshot) await apply(snapshot, at);
  }

  async function tell(told: Told): Promise<void> {
    switch (told.do) {
      case "tag":
        return pointTag(inventory, told);
      case "report":
        return report(told);
      case "report-old": {
        const [first] = reports.get(`${told.of.source} ${told.of.scope}`) ?? [];
        if (first) await apply(first, told.at);
        return;
      }
      case "fail":
        return fail(told.of, told.at);
      case "accept":
        return accept(told.of, told.at);
      case "consumers":
        return stores.consumers.putConsumers(consumersOf(scenario, told.registry, told.at));
      case "event":
        await noteUse(stores.usage, eventOf(told), { now: timeOf(told.at), keepDays: 730 });
    }
  }

  /** Asked of many images of a repository, as whoever cleans up will. */
  async function asker(repository: RepositoryWord, hour: number): Promise<(image: Image) => Promise<InUse>> {
    const now = timeOf(hour);
    const usage = usagePolicy(scenario);
    const evidence = await readEvidence(stores, declaredIn(scenario), usage);
    const ref = refOf(repository);
    const view = await viewRepository(inventory, ref);
    const doubts = doubtFinder(evidence, now)(ref);
    const queries = scenario.shown ? inventory.queries : withoutTagsOf(inventory.queries, repository);
    const deps = { ...stores, manifests: inventory.manifests, queries };
    const asOf = { now, recentlyStoppedHours: usage.recentlyStoppedHours };
    return (image) => isInUse(deps, { view, digest: aDigest(image), doubts, asOf });
  }

  return { tell, asker };
}

type Queries = ReturnType<typeof memoryInventory>["queries"];

/** The index over tags does not show yet what was written to this repository. */
function withoutTagsOf(queries: Queries, repository: RepositoryWord): Queries {
  const { account, region, repository: name } = refOf(repository);
  return {
    ...queries,
    listTagsByDigest: async (digest, page) => {
      const { items } = await queries.listTagsByDigest(digest, { ...page, limit: 1000 });
      const isIt = (it: (typeof items)[number]) =>
        it.account === account && it.region === region && it.repository === name;
      return { items: items.filter((it) => !isIt(it)) };
    },
  };
}

function snapshotOf(
  { of, at, observedAt, lines }: Extract<Told, { do: "report" }>,
  sequence: number,
): Snapshot {
  const { source, scope, account } = of;
  return {
    source,
    scope: scopeName(scope),
    account,
    sequence,
    observedAt: timeOf(observedAt).toISOString(),
    receivedAt: timeOf(at).toISOString(),
    items: lines.map(itemOf),
  };
}

function itemOf({ slot, named, resolved, kind, seenAt }: Line): UsageItem {
  const { account = OTHER, cluster = "", service = "" } = SLOTS[slot] ?? {};
  return {
    image: uriOf(named),
    ...(resolved !== undefined && { digest: aDigest(resolved) }),
    kind,
    account,
    ...(cluster !== "" && { cluster }),
    service,
    ...(seenAt !== undefined && { seenAt: timeOf(seenAt).toISOString() }),
  };
}

function uriOf({ repository, tag, pinned }: Named): string {
  const { account, region, repository: name } = refOf(repository);
  const host =
    pinned === "S2" ? `${account}.dkr-ecr.${region}.on.aws` : `${account}.dkr.ecr.${region}.amazonaws.com`;
  return `${host}/${name}${tag === undefined ? "" : `:${tag}`}${pinned === undefined ? "" : `@${aDigest(pinned)}`}`;
}

function eventOf({ slot, named, resolved, status, at }: Extract<Told, { do: "event" }>) {
  const { account = OTHER, cluster = "", service = "", scope } = SLOTS[slot] ?? {};
  const { region } = REGISTRIES[scope === "west" ? "west" : "east"];
  const containers = [{ image: uriOf(named), digest: aDigest(resolved) }];
  return {
    id: `${slot} ${at}`,
    time: timeOf(at).toISOString(),
    account,
    region,
    cluster,
    service,
    status,
    containers,
  };
}

function scopeName(scope: ScopeWord["scope"]): string {
  if (scope === "shop") return scope;
  return `${REGISTRIES[scope].account}/${REGISTRIES[scope].region}`;
}

function declaredIn({ otherDeclared }: Scenario) {
  return Object.entries(REGISTRIES).flatMap(([word, registry]) =>
    word !== "other" || otherDeclared ? [registry] : [],
  );
}

function usagePolicy({ named, ownSource }: Scenario): Usage {
  const principal = `arn:aws:iam::${OTHER}:role/reporter`;
  const own = { name: "eks", principal, account: OTHER, scopes: ["shop"], maxAgeHours: MAX_AGE.own };
  return Usage.parse({
    maxAgeHours: MAX_AGE.collected,
    recentlyStoppedHours: RECENTLY,
    sources: ownSource ? [own] : [],
    consumers: named.length > 0 ? [{ repositories: ["team/**"], accounts: named }] : [],
  });
}

function consumersOf(
  { policies, pullsThrough }: Scenario,
  word: RegistryWord,
  at: number,
): RegistryConsumers {
  const here = Object.entries(REPOSITORIES).filter(([, { registry }]) => registry === word);
  const named = here.map(([repository, { name }]) => [name, policies[repository as RepositoryWord]] as const);
  const rule = { upstream: REGISTRIES.east, prefix: "team/" };
  return {
    ...REGISTRIES[word],
    asOf: timeOf(at).toISOString(),
    policies: Object.fromEntries(named.filter(([, accounts]) => accounts.length > 0)),
    pullsThrough: pullsThrough && word === "other" ? [rule] : [],
  };
}

function onlyKilled(error: unknown): void {
  if (!(error instanceof Error) || error.message !== "killed") throw error;
}
