import { PutRegistryScanningConfigurationCommand } from "@aws-sdk/client-ecr";
import { registryName } from "@tallyman/domain/registry/registry";
import type { Item } from "../admin-api.ts";
import { OTHER, withEcr } from "../registries.ts";
import { halfCollected, uriOf, useEverywhere } from "../usage.ts";
import type { Ground, Scenario } from "./ground.ts";
import { digestOf, push, REPOSITORY } from "./image-scenarios.ts";
import { sendTo } from "./queues.ts";

const TAG = "1.0.0";

async function fill(ground: Ground): Promise<void> {
  await push(ground, OTHER, [TAG]);
  await useEverywhere(ground.product, OTHER, uriOf(OTHER, `${REPOSITORY}:${TAG}`));
  await ground.settle();
}

/** The sources that tell of the other account's uses of its image. */
async function sourcesOfUse(ground: Ground): Promise<ReadonlySet<unknown>> {
  const digest = await digestOf(ground, TAG);
  const { items = [] } = await ground.get(`/images/${digest}/usage`);
  return new Set((items as readonly Item[]).map(({ source }) => source));
}

/** A task starts in the other account. */
const taskStarted: Scenario = {
  act: fill,
  isDone: async (ground) => (await sourcesOfUse(ground)).has("ecs-events"),
};

/** Every source that there is, and who may pull. */
const usageCollected: Scenario = {
  async setUp(ground) {
    // Inspector tells of registries that it scans.
    const enhanced = new PutRegistryScanningConfigurationCommand({ scanType: "ENHANCED", rules: [] });
    await withEcr(ground.url, OTHER, (ecr) => ecr.send(enhanced));
    await fill(ground);
  },
  async act({ product, url }) {
    await product.control("POST", "run/usage?wait=0");
    // Off unless the policy says otherwise: it is asked all the same.
    const run = { ...OTHER, run: "a-trial", part: 0 };
    await sendTo(url, "UsageQueue.fifo", { kind: "collect", source: "inspector", ...run });
  },
  async isDone(ground) {
    const sources = await sourcesOfUse(ground);
    const { items } = await ground.get("/usage");
    const doubts = (items as readonly Item[]).flatMap(({ doubts }) => doubts as readonly Item[]);
    return sources.has("ecs") && sources.has("lambda") && doubts.length === 0;
  },
};

/** A collection goes on where another message left off, and its leftovers go. */
const usageResumed: Scenario = {
  setUp: fill,
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
  usageResumed,
  usageRetried,
} satisfies Readonly<Record<string, Scenario>>;
