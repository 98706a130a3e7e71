import { PutRegistryScanningConfigurationCommand } from "@aws-sdk/client-ecr";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import type { Item } from "../admin-api.ts";
import { slackMessages } from "../inventory.ts";
import { EAST, EUROPE, OTHER, withEcr } from "../registries.ts";
import { halfCollected, uriOf, useEverywhere } from "../usage.ts";
import type { Ground, Scenario } from "./ground.ts";
import { digestOf, push, REPOSITORY } from "./image-scenarios.ts";
import { sendTo } from "./queues.ts";

const TAG = "1.0.0";

async function fill(ground: Ground, at = OTHER): Promise<void> {
  await push(ground, at, [TAG]);
  await useEverywhere(ground.product, at, uriOf(at, `${REPOSITORY}:${TAG}`));
  await ground.settle();
}

/** Inspector tells of registries that it scans. */
async function scanned({ url }: Ground, at: Registry): Promise<void> {
  const enhanced = new PutRegistryScanningConfigurationCommand({
    scanType: "ENHANCED",
    rules: [
      {
        scanFrequency: "CONTINUOUS_SCAN",
        repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }],
      },
    ],
  });
  await withEcr(url, at, (ecr) => ecr.send(enhanced));
}

function collected({ account, region }: Registry, source: string) {
  return { kind: "collect", source, account, region, run: "a-trial", part: 0 };
}

/** The sources that tell of the other account's uses of its image. */
async function sourcesOfUse(ground: Ground): Promise<ReadonlySet<unknown>> {
  const digest = await digestOf(ground, TAG);
  const { items = [] } = await ground.get(`/images/${digest}/usage`);
  return new Set((items as readonly Item[]).map(({ source }) => source));
}

/** A task starts in the other account. */
const taskStarted: Scenario = {
  act: (ground) => fill(ground),
  isDone: async (ground) => (await sourcesOfUse(ground)).has("ecs-events"),
};

/** Every source that there is, and who may pull. */
const usageCollected: Scenario = {
  async setUp(ground) {
    await scanned(ground, OTHER);
    await fill(ground);
  },
  async act({ product, url }) {
    await product.control("POST", "run/usage?wait=0");
    // Off unless the policy says otherwise: it is asked all the same.
    await sendTo(url, "UsageQueue.fifo", collected(OTHER, "inspector"));
  },
  async isDone(ground) {
    const sources = await sourcesOfUse(ground);
    const { items } = await ground.get("/usage");
    const doubts = (items as readonly Item[]).flatMap(({ doubts }) => doubts as readonly Item[]);
    return sources.has("ecs") && sources.has("lambda") && doubts.length === 0;
  },
};

/** What Inspector saw in use in both accounts, whose clusters are asked for with the image. */
const clustersAsked: Scenario = {
  async setUp(ground) {
    for (const at of [EAST, OTHER]) {
      await scanned(ground, at);
      await fill(ground, at);
      await sendTo(ground.url, "UsageQueue.fifo", { ...collected(at, "inspector"), run: "before" });
    }
    await ground.settle();
  },
  act: async (ground) => void (await sourcesOfUse(ground)),
  async isDone(ground) {
    const { items } = await ground.get(`/images/${await digestOf(ground, TAG)}/usage`);
    const inspected = (items as readonly Item[]).flatMap((it) => (it["inspected"] ?? []) as readonly Item[]);
    return inspected.filter(({ complete }) => complete === true).length === 2;
  },
};

/** A function was there, and none is any more: nobody believes it, and people are told. */
const usageDoubted: Scenario = {
  async setUp(ground) {
    const { account } = EUROPE;
    const image = uriOf(EUROPE, `${REPOSITORY}@sha256:${"1".repeat(64)}`);
    const items = [{ image, kind: "version", account, service: "function/resize:1" }];
    const job = await halfCollected(ground.product, { at: EUROPE, source: "lambda", items });
    await sendTo(ground.url, "UsageQueue.fifo", job);
    await ground.settle();
  },
  act: ({ url }) => sendTo(url, "UsageQueue.fifo", collected(EUROPE, "lambda")),
  async isDone({ product }) {
    return (await slackMessages(product)).some(({ text }) => text.includes("is not believed"));
  },
};

/** A collection goes on where another message left off, and its leftovers go. */
const usageResumed: Scenario = {
  setUp: (ground) => fill(ground),
  async act({ product, url }) {
    const job = await halfCollected(product, { at: OTHER, source: "ecs" });
    await sendTo(url, "UsageQueue.fifo", job);
    // Once more: by then there is nothing left to go on with.
    await sendTo(url, "UsageQueue.fifo", job);
  },
  isDone: async (ground) => (await sourcesOfUse(ground)).has("ecs"),
};

/** ECS fails for a moment, and its message comes back before the queue would bring it. */
const usageRetried: Scenario = {
  async setUp(ground) {
    await fill(ground);
    const refused = { status: 400, code: "AccessDeniedException", registry: registryName(OTHER), times: 1 };
    await ground.product.control("POST", "faults", { operations: { "ecs:ListClusters": refused } });
  },
  act: async ({ product }) => void (await product.control("POST", "run/usage?wait=0")),
  async isDone(ground) {
    if ((await sourcesOfUse(ground)).has("ecs")) return true;
    const { batches, queues } = await ground.product.control("GET", "idle");
    const waiting = (queues as readonly Item[]).find(({ name }) => name === "UsageQueue.fifo");
    if (batches === 0 && waiting?.["inFlight"] === 1)
      await ground.product.control("POST", "clock", { advance: "PT11S" });
    return false;
  },
};

export const usageScenarios = {
  taskStarted,
  usageCollected,
  clustersAsked,
  usageDoubted,
  usageResumed,
  usageRetried,
} satisfies Readonly<Record<string, Scenario>>;
