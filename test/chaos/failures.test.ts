import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { slackMessages } from "../support/inventory.ts";
import { createRepository, EAST, OTHER, WEST } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { bringHome, deadLetters } from "./support/dead-letters.ts";
import { type Faults, faults, injected } from "./support/faults.ts";
import { breaches, inventory, name, openViolations, registryTruth } from "./support/oracle.ts";
import { randomOf, seeds } from "./support/random.ts";
import { idle, metric, passVisibilityTimeouts, reconcile, settle } from "./support/settle.ts";

const REGISTRIES = [EAST, WEST, OTHER];
const REPOSITORIES = ["prod/web", "team/tools"];
const THROTTLED = { code: "ProvisionedThroughputExceededException", status: 400 };

/** Faults that a storm must have brought, and after how many rounds of pushes at most. */
const SEEN = ["dynamodb:PutItem", "ecr:DescribeImages", "sqs:SendMessage", "killWorker:*"];
const ROUNDS = 10;
/** After so many a message lies in the dead-letter queue. */
const RECEIVES = 5;
const INTERRUPTED = /\bNotify\b.*(notice failed|signal: killed|timed out)/;

/** Everything a push passes through fails now and then. SQS's answer comes to functions and to EventBridge alike. */
const STORM: Faults = {
  operations: {
    "dynamodb:PutItem": { rate: 0.3, ...THROTTLED },
    "dynamodb:GetItem": { rate: 0.2, ...THROTTLED },
    "dynamodb:Query": { rate: 0.05, ...THROTTLED },
    "ecr:DescribeImages": { rate: 0.3, code: "ThrottlingException", status: 400 },
    "ecr:BatchGetImage": { rate: 0.3, code: "ThrottlingException", status: 400 },
    "sqs:SendMessageBatch": { rate: 0.3, code: "ServiceUnavailable", status: 503 },
    "sqs:SendMessage": { rate: 0.3, code: "ServiceUnavailable", status: 503 },
    "s3:PutObject": { rate: 0.3, code: "SlowDown", status: 503 },
  },
  killWorker: { "*": 0.2 },
};

/** Without throttling, after which the SDK makes long pauses: a reconcile makes many calls one after another. */
const FAILING: Faults["operations"] = Object.fromEntries(
  Object.keys(STORM.operations ?? {}).map((name) => [
    name,
    { rate: 0.3, status: 500, code: "InternalServerError" },
  ]),
);

/** A table that can be read, and takes no write. */
const READ_ONLY: Faults["operations"] = Object.fromEntries(
  ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"].map((name) => [
    `dynamodb:${name}`,
    { status: 500, code: "InternalServerError" },
  ]),
);

describe("workers that die, tables and registries that throttle, queues that fail", () => {
  let product: Embedded;
  beforeAll(async () => {
    product = await Embedded.start();
  });
  afterAll(() => product?.dispose());

  test.each(seeds(1, 40))(
    "every push is seen and told in the end, or lies in a dead-letter queue and is brought home (CHAOS_SEED=%i)",
    async (seed) => {
      await product.control("POST", "reset");
      await createRepositories(product);
      const quiet = product.output.length;
      await faults(product, { ...STORM, seed });
      const told: string[] = [];
      const missing = await until(SEEN, async (round) => {
        told.push(...(await pushes(product, seed, round)));
        await passVisibilityTimeouts(product);
        return injected(product);
      });
      expect(missing).toEqual([]);
      await passVisibilityTimeouts(product);
      await faults(product, {});
      await bringHome(product);

      expect(await deadLetters(product)).toBe(0);
      const truth = await registryTruth(product);
      expect(await inventory(product)).toEqual(truth);
      for (const registry of REGISTRIES)
        expect(await openViolations(product, registry)).toEqual(breaches(truth[name(registry)] ?? []));
      // Between post and mark a worker that ends, or cannot mark, makes people read it twice; nothing else may.
      const window = product.output.slice(quiet).filter((line) => INTERRUPTED.test(line)).length;
      await expectTold(product, told, window);
      await expectNothingMissed(product);
    },
    120_000,
  );

  test("a table that takes no write for longer than a message is tried loses no push: it lies in the dead letters", async () => {
    await product.control("POST", "reset");
    await createRepositories(product);
    await faults(product, { operations: READ_ONLY });
    const client = await RegistryClient.login(product.url, EAST);
    const tags = ["1.0.0", "1.0.1", "nightly"];
    for (const tag of tags) await client.pushImage("prod/web", tag, tag);
    for (let receive = 0; receive < RECEIVES; receive++) await passVisibilityTimeouts(product);
    await product.until("all are dead letters", async () => {
      const { queues } = await idle(product);
      return queues.find((queue) => queue.name === "ImageActionDeadLetters")?.visible === tags.length;
    });
    expect(await deadLetters(product, "ImageActionDeadLetters")).toBe(tags.length);
    // As long as nothing can be written: an hourly reconcile that is tried again after that repairs it by itself.
    expect((await inventory(product))[name(EAST)]).toEqual([]);

    await faults(product, {});
    expect(await bringHome(product)).toBeGreaterThanOrEqual(tags.length);
    expect(await deadLetters(product)).toBe(0);
    expect(await inventory(product)).toEqual(await registryTruth(product));
    await expectTold(product, [`${name(EAST)} prod/web:nightly`], 0);
  });

  test.each(seeds(1, 40))(
    "a reconcile whose workers die and whose calls fail repairs everything in the end (CHAOS_SEED=%i)",
    async (seed) => {
      await product.control("POST", "reset");
      await createRepositories(product);
      await faults(product, { events: { drop: 1 } });
      await pushes(product, seed);
      await settle(product);
      const truth = await registryTruth(product);
      expect(await inventory(product)).not.toEqual(truth);

      await faults(product, { operations: FAILING, killWorker: { Reconcile: 0.3 }, seed });
      const missing = await until(["killWorker:Reconcile", "dynamodb:PutItem"], async () => {
        await product.control("POST", "run/reconcile?wait=0");
        await passVisibilityTimeouts(product);
        return injected(product);
      });
      expect(missing).toEqual([]);
      await faults(product, {});
      await bringHome(product);

      expect(await deadLetters(product)).toBe(0);
      expect(await inventory(product)).toEqual(truth);
      await expectNothingMissed(product);
    },
    120_000,
  );
});

type Happened = Awaited<ReturnType<typeof injected>>;

/**
 * Does `work` until every one of these faults has been seen: which calls fail, and whose worker dies, depends on how
 * messages fall into batches. Answers with those that never happened.
 */
async function until(
  wanted: readonly string[],
  work: (round: number) => Promise<Happened>,
): Promise<readonly string[]> {
  let missing = wanted;
  for (let round = 0; round < ROUNDS && missing.length > 0; round++) {
    const happened = await work(round);
    missing = wanted.filter((what) => happened(what) === 0);
  }
  return missing;
}

async function createRepositories(product: Embedded): Promise<void> {
  for (const registry of REGISTRIES)
    for (const repository of REPOSITORIES) await createRepository(product.url, registry, repository);
}

/** Images under tags that never move, every second one against a rule; returns what people are to be told of. */
async function pushes(product: Embedded, seed: number, round = 0): Promise<readonly string[]> {
  const random = randomOf(seed + round * 1000);
  const told: string[] = [];
  for (const registry of REGISTRIES) {
    const client = await RegistryClient.login(product.url, registry);
    for (let index = 0; index < 4; index++) {
      const repository = random.pick(REPOSITORIES);
      const bad = index % 2 === 0;
      const tag = bad ? `nightly-${round}-${index}` : `1.${round}.${index}`;
      const content = `${seed} ${round} ${index} ${name(registry)} ${random.below(3)}`;
      await client.pushImage(repository, tag, content);
      if (bad && repository === "prod/web") told.push(`${name(registry)} ${repository}:${tag}`);
    }
  }
  return told;
}

async function expectTold(product: Embedded, expected: readonly string[], window: number): Promise<void> {
  const messages = (await slackMessages(product)).map((it) => JSON.stringify(it));
  const counts = expected.map((it) => {
    const [registry = "", image = ""] = it.split(" ");
    return messages.filter((text) => text.includes(registry) && text.includes(image)).length;
  });
  expect(counts.filter((count) => count === 0)).toEqual([]);
  expect(messages.length).toBe(counts.reduce((sum, count) => sum + count, 0));
  expect(messages.length - expected.length).toBeLessThanOrEqual(window);
}

/** No event was lost, so that the inventory must be right without a reconcile: it finds nothing. */
async function expectNothingMissed(product: Embedded): Promise<void> {
  const found = await metric(product, "DifferencesFound");
  await reconcile(product);
  expect(await metric(product, "DifferencesFound")).toBe(found);
}
