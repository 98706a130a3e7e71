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
      const told = await pushes(product, seed);
      for (let round = 0; round < 2; round++) await passVisibilityTimeouts(product);

      const happened = await injected(product);
      for (const what of ["dynamodb:PutItem", "ecr:DescribeImages", "sqs:SendMessage"])
        expect(happened(what)).toBeGreaterThan(0);
      // Which function's worker dies depends on how messages fell into batches.
      expect(happened("killWorker:*")).toBeGreaterThan(0);
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

  test("a table that fails for longer than a message is tried loses no push: it lies in the dead letters", async () => {
    await product.control("POST", "reset");
    await createRepositories(product);
    await faults(product, { operations: { "dynamodb:*": { status: 500, code: "InternalServerError" } } });
    const client = await RegistryClient.login(product.url, EAST);
    const tags = ["1.0.0", "1.0.1", "nightly"];
    for (const tag of tags) await client.pushImage("prod/web", tag, tag);
    for (let receive = 0; receive < RECEIVES; receive++) await passVisibilityTimeouts(product);
    await product.until("all are dead letters", async () => {
      const { queues } = await idle(product);
      return queues.find((queue) => queue.name === "ImageActionDeadLetters")?.visible === tags.length;
    });
    await faults(product, {});
    expect(await deadLetters(product, "ImageActionDeadLetters")).toBe(tags.length);
    expect((await inventory(product))[name(EAST)]).toEqual([]);

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
      await product.control("POST", "run/reconcile?wait=0");
      for (let round = 0; round < 2; round++) await passVisibilityTimeouts(product);
      const happened = await injected(product);
      expect(happened("killWorker:Reconcile") + happened("dynamodb:PutItem")).toBeGreaterThan(0);
      await faults(product, {});
      await bringHome(product);

      expect(await deadLetters(product)).toBe(0);
      expect(await inventory(product)).toEqual(truth);
      await expectNothingMissed(product);
    },
    120_000,
  );
});

async function createRepositories(product: Embedded): Promise<void> {
  for (const registry of REGISTRIES)
    for (const repository of REPOSITORIES) await createRepository(product.url, registry, repository);
}

/** Images under tags that never move, every second one against a rule; returns what people are to be told of. */
async function pushes(product: Embedded, seed: number): Promise<readonly string[]> {
  const random = randomOf(seed);
  const told: string[] = [];
  for (const registry of REGISTRIES) {
    const client = await RegistryClient.login(product.url, registry);
    for (let index = 0; index < 4; index++) {
      const repository = random.pick(REPOSITORIES);
      const bad = index % 2 === 0;
      const tag = bad ? `nightly-${index}` : `1.0.${index}`;
      await client.pushImage(repository, tag, `${seed} ${index} ${name(registry)} ${random.below(3)}`);
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
