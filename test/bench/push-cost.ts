import { Embedded } from "../support/embedded.ts";
import { type Cost, callsOf, costOf, registryReads } from "../support/push-cost.ts";
import { type Pushes, startPushes } from "../support/pushes.ts";
import type { Benchmark, Figure, Progress } from "./figure.ts";

type Case = {
  readonly what: string;
  /** What has to be there before; not counted. */
  readonly before?: (pushes: Pushes) => Promise<unknown>;
  readonly act: (pushes: Pushes) => Promise<unknown>;
  /** At most so many item writes and registry reads; absent: for information. */
  readonly goal?: { readonly writes: number; readonly reads: number };
};

const EVENT = { id: "5c9f1a3e-0000-4000-8000-000000000001", repository: "team/app", tag: "again" };
let again = "";
const CHILDREN = ["for amd64", "for arm64"];
const MORE_CHILDREN = ["for amd64", "for arm64", "for s390x"];

/**
 * Goals: 4 + v + d item writes for v new violations and d destinations; 2 registry reads if the manifest is known, 3 if not.
 * A new index of more than two images writes one more for each (docs/benchmarks.md).
 */
const CASES: readonly Case[] = [
  {
    what: "the first push of all: roles, policy, exclusion, new repository",
    act: (it) => it.push("prod/web", "0.0.1", "first"),
  },
  {
    what: "the first push of a repository",
    act: (it) => it.push("team/app", "first", "first of team"),
    goal: { writes: 4, reads: 3 },
  },
  {
    what: "a new image",
    act: (it) => it.push("prod/web", "1.0.0", "new"),
    goal: { writes: 4, reads: 3 },
  },
  {
    what: "another tag of a known image",
    before: (it) => it.push("prod/web", "1.1.0", "known"),
    act: (it) => it.push("prod/web", "1.1.1", "known"),
    goal: { writes: 4, reads: 2 },
  },
  {
    what: "a tag moves to a new image",
    before: (it) => it.push("team/app", "moving", "from"),
    act: (it) => it.push("team/app", "moving", "to"),
    goal: { writes: 4, reads: 3 },
  },
  {
    what: "a new image that breaks a rule (v = 1)",
    act: (it) => it.push("prod/web", "latest", "forbidden"),
    goal: { writes: 5, reads: 3 },
  },
  {
    what: "a tag that breaks a rule moves to a new image (v = 1)",
    before: (it) => it.push("prod/web", "nightly", "forbidden from"),
    act: (it) => it.push("prod/web", "nightly", "forbidden to"),
    goal: { writes: 5, reads: 3 },
  },
  {
    what: "a new index of two known images",
    before: async (it) => {
      for (const content of CHILDREN) await it.push("team/app", undefined, content);
    },
    act: (it) => it.pushIndex("team/app", "multi", CHILDREN),
    goal: { writes: 4, reads: 3 },
  },
  {
    what: "a tag moves to a new index of three known images",
    before: async (it) => {
      for (const content of MORE_CHILDREN) await it.push("team/app", undefined, content);
      await it.push("team/app", "multi-3", "what was no index");
    },
    act: (it) => it.pushIndex("team/app", "multi-3", MORE_CHILDREN),
    goal: { writes: 4, reads: 3 },
  },
  {
    what: "another tag of the index of two",
    act: (it) => it.pushIndex("team/app", "multi-2", CHILDREN),
    goal: { writes: 4, reads: 2 },
  },
  {
    what: "a new image that is copied (d = 1)",
    before: async (it) => {
      await it.copied("copied/");
      await it.push("copied/app", "1.0.0", "copied");
    },
    act: (it) => it.push("copied/app", "1.0.1", "copied too"),
    goal: { writes: 5, reads: 3 },
  },
  {
    what: "a tag moves to a new image that is copied (d = 1)",
    before: (it) => it.push("copied/app", "moving", "copied from"),
    act: (it) => it.push("copied/app", "moving", "copied to"),
    goal: { writes: 5, reads: 3 },
  },
  {
    what: "the same event again",
    before: async (it) => {
      again = await it.push("team/app", "again", "again");
      await it.deliver({ ...EVENT, digest: again });
    },
    act: (it) => it.deliver({ ...EVENT, digest: again }),
    goal: { writes: 0, reads: 2 },
  },
];

/** Exact counts from the wire, the same in every run. */
export const pushCostBenchmark: Benchmark = {
  name: "push-cost",
  title: "What image-action writes and asks for one push event (exact)",
  async run(progress) {
    const product = await Embedded.start();
    try {
      return await measure(product, progress);
    } finally {
      await product.dispose();
    }
  },
};

async function measure(product: Embedded, progress: Progress): Promise<readonly Figure[]> {
  const pushes = await startPushes(product);
  for (const repository of ["prod/web", "team/app", "copied/app"]) await pushes.create(repository);
  const figures: Figure[] = [];
  for (const { what, before, act, goal } of CASES) {
    if (before) await costOf(product, () => before(pushes));
    const cost = await costOf(product, () => act(pushes));
    progress(what);
    figures.push(...figuresOf(what, cost, goal));
  }
  return figures;
}

function figuresOf(what: string, cost: Cost, goal: Case["goal"]): readonly Figure[] {
  const { itemWrites, writeUnits, readUnits } = cost;
  const others = ["s3:", "sts:", "sqs:"].map((service) => `${service}${callsOf(cost, service)}`).join(" ");
  return [
    {
      what: `${what}: item writes`,
      value: itemWrites,
      unit: "",
      ...(goal && { goal: goal.writes }),
      note: `${writeUnits} write units, ${readUnits} read units; calls of all functions: ${others}`,
    },
    {
      what: `${what}: registry reads`,
      value: registryReads(cost),
      unit: "",
      ...(goal && { goal: goal.reads }),
      note: reads(cost),
    },
  ];
}

function reads({ calls }: Cost): string {
  return Object.entries(calls)
    .filter(([call]) => call.startsWith("ecr:"))
    .map(([call, count]) => `${count} ${call.slice("ecr:".length).replace(" tallyman-", " as ")}`)
    .join(", ");
}
