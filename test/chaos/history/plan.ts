import fc from "fast-check";

/** What a team, its pipelines and its registry's own rules do. */
export const OPERATIONS = [
  "push",
  "push untagged",
  "push index",
  "push referrer",
  "push again",
  "retag",
  "roll back",
  "untag",
  "delete",
  "archive",
  "restore",
  "lifecycle run",
  "delete repository",
  "pull",
  "replicate",
  "reconcile",
] as const;
export type OperationKind = (typeof OPERATIONS)[number];

/** The numbers choose among what is there when its turn comes. */
export type Operation = {
  readonly kind: OperationKind;
  readonly place: number;
  readonly tag: number;
  readonly image: number;
  /** Milliseconds that pass before it. */
  readonly pause: number;
};

/** One history. `chance` decides everything that is not an operation: faults, and who goes first. */
export type Plan = {
  readonly chance: number;
  readonly operations: readonly Operation[];
  /** What goes on while the last reconcile runs; all of it is heard. */
  readonly meanwhile: readonly Operation[];
  /** What moves while its pages are on their way. */
  readonly onPages: readonly Operation[];
};

const WEIGHTS: Readonly<Record<OperationKind, number>> = {
  push: 12,
  "push untagged": 2,
  "push index": 3,
  "push referrer": 2,
  "push again": 3,
  retag: 6,
  "roll back": 7,
  untag: 4,
  delete: 5,
  archive: 4,
  restore: 5,
  "lifecycle run": 3,
  "delete repository": 2,
  pull: 2,
  // Follows from pushes.
  replicate: 0,
  reconcile: 2,
};

/** Each of these leads to events whatever the switches say. */
const HEARD: readonly OperationKind[] = ["push", "push index", "retag", "roll back", "delete", "untag"];
const ALL: readonly OperationKind[] = OPERATIONS.filter((kind) => kind !== "replicate");

const PAUSES = [0, 1000, 20_000, 120_000, 3_600_000];

function operation(kinds: readonly OperationKind[]): fc.Arbitrary<Operation> {
  const weighted = kinds.map((kind) => ({ arbitrary: fc.constant(kind), weight: WEIGHTS[kind] }));
  return fc.record({
    kind: fc.oneof(...weighted),
    place: fc.nat(99),
    tag: fc.nat(99),
    image: fc.nat(99),
    pause: fc.constantFrom(...PAUSES),
  });
}

/** Histories of `least` operations and a few more. */
export function plans(least: number): fc.Arbitrary<Plan> {
  return fc.record({
    chance: fc.noShrink(fc.integer()),
    operations: fc.array(operation(ALL), { minLength: least, maxLength: least + 12, size: "max" }),
    meanwhile: fc.array(operation(HEARD), { minLength: 8, maxLength: 16, size: "max" }),
    onPages: fc.array(operation(["retag"]), { minLength: 6, maxLength: 10, size: "max" }),
  });
}
