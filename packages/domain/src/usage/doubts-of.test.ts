import { describe, expect, test } from "vitest";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import { consumersOf } from "./consumers-of.ts";
import { doubtsOf } from "./doubts-of.ts";
import type { RegistryConsumers, SourceState } from "./evidence.ts";
import type { KnownEvidence } from "./known-evidence.ts";
import { newState } from "./source-state.ts";
import { Usage } from "./usage-policy.ts";
import { sourcesStatus } from "./usage-status.ts";

const NOW = new Date("2026-11-22T12:00:00.000Z");
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000).toISOString();
const WEST = { account: HUB.account, region: "us-west-2" };
const OTHER = { account: "444455556666", region: "us-east-1" };
const SCOPE = "111122223333/us-east-1";
const repository = aRepository("team/app");

function aState(overrides: Partial<SourceState> = {}): SourceState {
  const of = { source: "ecs", scope: SCOPE, account: HUB.account };
  const fresh = { sequence: 7, settled: 7, subjects: 3, observedAt: hoursAgo(1), version: 9 };
  return { ...newState(of), ...fresh, ...overrides };
}

function aConsumers(overrides: Partial<RegistryConsumers> = {}): RegistryConsumers {
  return { ...HUB, asOf: hoursAgo(1), policies: {}, pullsThrough: [], ...overrides };
}

/** One registry, of which ECS and Lambda were told an hour ago. */
function anEvidence(
  overrides: Partial<KnownEvidence> = {},
  usage: Record<string, unknown> = {},
): KnownEvidence {
  return {
    usage: Usage.parse(usage),
    declared: [HUB],
    states: [aState(), aState({ source: "lambda" })],
    consumers: new Map([[SCOPE, aConsumers()]]),
    ...overrides,
  };
}

const withPolicy = (...accounts: readonly string[]) =>
  new Map([[SCOPE, aConsumers({ policies: { "team/app": accounts } })]]);
const doubts = (evidence: KnownEvidence, ref = repository) =>
  doubtsOf(evidence, ref, NOW).map(({ why, consumer, source, scope }) =>
    [why, consumer, source, scope].filter((it) => it !== undefined).join(" "),
  );

test("fresh evidence of every consumer leaves no doubt", () => {
  expect(doubts(anEvidence())).toEqual([]);
});

describe("what a source says is doubted", () => {
  const suspect = {
    sequence: 8,
    observedAt: hoursAgo(1),
    receivedAt: hoursAgo(1),
    subjects: 0,
    missing: 3,
    reason: "it names nothing; the report in force names 3 images and tags",
  };

  test.each<[string, Partial<SourceState>, string | undefined]>([
    ["three hours old", { observedAt: hoursAgo(3) }, undefined],
    ["older than three hours", { observedAt: hoursAgo(3.001) }, "stale"],
    ["of a time that is none", { observedAt: "soon" }, "stale"],
    ["failed", { failure: { at: hoursAgo(0.1), reason: "no answer" } }, "failed"],
    ["suspect", { suspect }, "suspect"],
    [
      "accepted, and not applied yet",
      { suspect: { ...suspect, accepted: { by: "ana", at: hoursAgo(0) } } },
      "suspect",
    ],
    ["asked, and never answered", { sequence: 0 }, "never-reported"],
    ["not settled yet", { settled: 6 }, undefined],
  ])("when it is %s", (_, overrides, why) => {
    const states = [aState(overrides), aState({ source: "lambda" })];
    expect(doubts(anEvidence({ states }))).toEqual(why ? [`${why} 111122223333 ecs ${SCOPE}`] : []);
  });

  test("when nothing was ever heard of it", () => {
    expect(doubts(anEvidence({ states: [aState()] }))).toEqual([
      `never-reported 111122223333 lambda ${SCOPE}`,
    ]);
  });

  test("for each reason of its own, with what would end it", () => {
    const failure = { at: hoursAgo(4), reason: "AccessDenied" };
    const states = [aState({ observedAt: hoursAgo(5), failure, suspect }), aState({ source: "lambda" })];
    const found = doubtsOf(anEvidence({ states }), repository, NOW);
    expect(found.map(({ why, since }) => [why, since])).toEqual([
      ["stale", hoursAgo(5)],
      ["failed", hoursAgo(4)],
      ["suspect", hoursAgo(1)],
    ]);
    expect(found[1]).toMatchObject({ repository, reason: expect.stringContaining("AccessDenied") });
    expect(found[2]?.remedy).toContain(`tallyman usage accept ecs ${SCOPE} --sequence 8`);
    for (const { remedy } of found) expect(remedy).toMatch(/\.$/);
  });

  test("not when the policy does not collect it", () => {
    expect(doubts(anEvidence({ states: [aState()] }, { collect: { lambda: false } }))).toEqual([]);
  });

  test("in the other registry of its account alike: what runs there may run this image", () => {
    expect(doubts(anEvidence({ declared: [HUB, WEST] }))).toEqual([
      "never-reported 111122223333 ecs 111122223333/us-west-2",
      "never-reported 111122223333 lambda 111122223333/us-west-2",
    ]);
  });
});

describe("consumers", () => {
  test("that the repository's policy names must be seen, and block no other repository", () => {
    const evidence = anEvidence({ consumers: withPolicy(OTHER.account) });
    expect(doubts(evidence)).toEqual([`no-source ${OTHER.account}`]);
    expect(doubts(evidence, aRepository("team/other"))).toEqual([]);
  });

  test("that are declared are seen by what is collected there", () => {
    const evidence = anEvidence({ declared: [HUB, OTHER], consumers: withPolicy(OTHER.account) });
    expect(doubts(evidence)).toEqual([
      `never-reported ${OTHER.account} ecs 444455556666/us-east-1`,
      `never-reported ${OTHER.account} lambda 444455556666/us-east-1`,
    ]);
    expect(doubts(evidence, aRepository("team/other"))).toEqual([]);
  });

  test("are known by nobody but who read them lately", () => {
    expect(doubts(anEvidence({ consumers: new Map() }))).toEqual(["consumers-unknown"]);
    const old = new Map([[SCOPE, aConsumers({ asOf: hoursAgo(3.001) })]]);
    expect(doubts(anEvidence({ consumers: old }))).toEqual(["consumers-unknown"]);
  });

  test("are anyone where a policy says so, until they are named", () => {
    const anyone = { consumers: withPolicy("*") };
    expect(doubts(anEvidence(anyone))).toEqual(["anyone"]);
    const named = { consumers: [{ repositories: ["team/**"], accounts: [HUB.account] }] };
    expect(doubts(anEvidence(anyone, named))).toEqual([]);
    const others = { consumers: [{ repositories: ["prod/**"], accounts: [HUB.account] }] };
    expect(doubts(anEvidence(anyone, others))).toEqual(["anyone"]);
  });

  test("are those who pull through, by the upstream's prefix", () => {
    const rule = (prefix: string) => [{ upstream: HUB, prefix }];
    const pulling = (prefix: string) =>
      anEvidence({
        declared: [HUB, OTHER],
        consumers: new Map([
          [SCOPE, aConsumers()],
          ["444455556666/us-east-1", aConsumers({ ...OTHER, pullsThrough: rule(prefix) })],
        ]),
      });
    const accounts = (prefix: string) => consumersOf(pulling(prefix), repository).accounts;
    expect(accounts("")).toEqual([HUB.account, OTHER.account]);
    expect(accounts("team/")).toEqual([HUB.account, OTHER.account]);
    expect(accounts("prod/")).toEqual([HUB.account]);
    expect(consumersOf(pulling(""), aRepository("team/app", WEST)).accounts).toEqual([HUB.account]);
  });

  test("of a repository that is called like something every object has are its own", () => {
    expect(consumersOf(anEvidence(), aRepository("constructor")).accounts).toEqual([HUB.account]);
  });
});

describe("a source of one's own", () => {
  const principal = `arn:aws:iam::${OTHER.account}:role/reporter`;
  const eks = { name: "eks", principal, account: OTHER.account };
  const reporting = (scopes: readonly string[] | undefined, ...states: SourceState[]) =>
    anEvidence(
      { consumers: withPolicy(OTHER.account), states: [aState(), aState({ source: "lambda" }), ...states] },
      { sources: [{ ...eks, ...(scopes && { scopes }) }] },
    );
  const of = (scope: string, hours: number) =>
    aState({ source: "eks", scope, account: OTHER.account, observedAt: hoursAgo(hours) });

  test("that never reported blocks", () => {
    expect(doubts(reporting(undefined))).toEqual([`never-reported ${OTHER.account} eks`]);
    expect(doubts(reporting(["blue"]))).toEqual([`never-reported ${OTHER.account} eks blue`]);
  });

  test("must have reported each scope that ever was, within its own hours", () => {
    expect(doubts(reporting(undefined, of("blue", 6), of("green", 6)))).toEqual([]);
    expect(doubts(reporting(undefined, of("blue", 6), of("green", 7)))).toEqual([
      `stale ${OTHER.account} eks green`,
    ]);
  });

  test("need not report a scope that the policy leaves out", () => {
    expect(doubts(reporting(["blue"], of("blue", 1), of("green", 100)))).toEqual([]);
  });

  test("sees its own account, and blocks no repository of which that is no consumer", () => {
    expect(doubts(reporting(undefined, of("blue", 100)), aRepository("team/other"))).toEqual([]);
  });
});

test("the status names every scope that must report, those in doubt first, with their age", () => {
  const states = [aState(), aState({ source: "lambda", observedAt: hoursAgo(5) })];
  const status = sourcesStatus(anEvidence({ states, declared: [HUB, WEST] }), NOW);
  expect(
    status.map(({ source, scope, ageSeconds, doubts: found }) => [source, scope, ageSeconds, found[0]?.why]),
  ).toEqual([
    ["ecs", "111122223333/us-west-2", undefined, "never-reported"],
    ["lambda", SCOPE, 5 * 3600, "stale"],
    ["lambda", "111122223333/us-west-2", undefined, "never-reported"],
    ["ecs", SCOPE, 3600, undefined],
  ]);
});
