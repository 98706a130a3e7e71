import * as fc from "fast-check";
import { OTHER, type RepositoryWord, UNSEEN } from "./universe.ts";

/** One thing that happens; `a`, `b`, `c` choose among what there is. */
export type Step = { readonly do: StepKind; readonly a: number; readonly b: number; readonly c: number };
export type StepKind =
  | "deploy"
  | "scale-to-zero"
  | "remove"
  | "roll-back"
  | "move-tag"
  | "report"
  | "report-all"
  | "report-empty"
  | "report-half"
  | "report-old"
  | "fail"
  | "accept"
  | "event"
  | "consumers"
  | "wait";

/** `event`: started and gone between two reports. */
export const ACTS = ["scale to zero", "roll back", "stop", "event"] as const;
export type Act = (typeof ACTS)[number];

export type Scenario = {
  /** Accounts beside its own that a repository's policy names; `*`: anyone. */
  readonly policies: Readonly<Record<RepositoryWord, readonly string[]>>;
  /** The other account's registry pulls `team/` through from the east. */
  readonly pullsThrough: boolean;
  /** Whom the policy names as using `team/**`; empty: nobody. */
  readonly named: readonly string[];
  /** Whether the other account is seen by a source of its own. */
  readonly ownSource: boolean;
  /** Whether the other account's registry is declared, and so collected. */
  readonly otherDeclared: boolean;
  /** Whether the second index's manifest could not be read. */
  readonly unread: boolean;
  /** Whether repositories were counted since their indexes were pushed: before, an index is found by its first platform. */
  readonly counted: boolean;
  /** Whether the indexes over the table already show what was just written. */
  readonly shown: boolean;
  readonly steps: readonly Step[];
  /** Afterwards, an image for each that is used in that way alone, by the slot of this number. */
  readonly acts: readonly { readonly act: Act; readonly slot: number; readonly c: number }[];
  /** At the end everything is reported once more, as it is by then. */
  readonly fresh: boolean;
  /** As it was an hour before. */
  readonly late: boolean;
  /** And then a source goes blind, or fails. */
  readonly last: readonly Step[];
};

const kinds: fc.Arbitrary<StepKind> = fc.oneof(
  ...(
    [
      ["deploy", 9],
      ["scale-to-zero", 2],
      ["remove", 2],
      ["roll-back", 1],
      ["move-tag", 4],
      ["report", 6],
      ["report-all", 4],
      ["report-empty", 1],
      ["report-half", 1],
      ["report-old", 1],
      ["fail", 1],
      ["accept", 1],
      ["event", 4],
      ["consumers", 3],
      ["wait", 5],
    ] as const
  ).map(([kind, weight]) => ({ weight, arbitrary: fc.constant(kind) })),
);
const step: fc.Arbitrary<Step> = fc.record({ do: kinds, a: fc.nat(999), b: fc.nat(999), c: fc.nat(999) });

/** True in so many of a hundred. */
const often = (percent: number) => fc.nat(99).map((it) => it < percent);

const accounts = fc.oneof(
  { weight: 6, arbitrary: fc.constant<readonly string[]>([]) },
  { weight: 4, arbitrary: fc.constant([OTHER]) },
  { weight: 1, arbitrary: fc.constant([UNSEEN]) },
  { weight: 1, arbitrary: fc.constant(["*"]) },
);

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  policies: fc.record({ app: accounts, copy: accounts, shop: accounts }),
  pullsThrough: often(20),
  named: fc.oneof(
    { weight: 6, arbitrary: fc.constant<readonly string[]>([]) },
    { weight: 2, arbitrary: fc.constant([OTHER]) },
    { weight: 1, arbitrary: fc.constant([UNSEEN]) },
  ),
  ownSource: often(75),
  otherDeclared: often(85),
  unread: often(10),
  counted: often(70),
  shown: often(70),
  steps: fc.array(step, { minLength: 3, maxLength: 40, size: "max" }),
  acts: fc
    .tuple(
      ...ACTS.map((act) => fc.option(fc.record({ act: fc.constant(act), slot: fc.nat(5), c: fc.nat(999) }))),
    )
    .map((acts) => acts.filter((it) => it !== null)),
  fresh: often(75),
  late: often(30),
  last: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step[]>([]) },
    { weight: 1, arbitrary: fc.nat(9).map((a): Step[] => [{ do: "fail", a, b: 0, c: 0 }]) },
    { weight: 2, arbitrary: fc.nat(9).map((a): Step[] => [{ do: "report-empty", a, b: 0, c: 0 }]) },
    { weight: 1, arbitrary: fc.nat(9).map((a): Step[] => [{ do: "report-half", a, b: 0, c: 0 }]) },
    {
      weight: 2,
      arbitrary: fc.nat(9).map((a): Step[] => [
        { do: "report-empty", a, b: 0, c: 0 },
        { do: "accept", a, b: 0, c: 0 },
      ]),
    },
    { weight: 3, arbitrary: fc.nat(2).map((b): Step[] => [{ do: "wait", a: 0, b: b + 2, c: 0 }]) },
  ),
});
