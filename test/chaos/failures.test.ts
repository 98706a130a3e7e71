import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { slackMessages } from "../support/inventory.ts";
import { createRepository, EAST, OTHER, WEST } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { REPOSITORIES } from "./support/activity.ts";
import { bringHome, deadLetters } from "./support/dead-letters.ts";
import { type Faults, faults, injected } from "./support/faults.ts";
import { breaches, inventory, name, openViolations, registryTruth } from "./support/oracle.ts";
import { randomOf, seeds } from "./support/random.ts";
import { metric, passVisibilityTimeouts, reconcile } from "./support/settle.ts";

const REGISTRIES = [EAST, WEST, OTHER];
const THROTTLED = { code: "ProvisionedThroughputExceededException", status: 400 };

const INTERRUPTED = /\bNotify\b.*(notice failed|signal: killed|timed out)/;

/** Everything a push passes through fails now and then. SQS's answer comes to functions and to EventBridge alike. */
const STORM: Faults = {
  operations: {
    "dynamodb:PutItem": { rate: 0.45, ...THROTTLED },
    "dynamodb:GetItem": { rate: 0.35, ...THROTTLED },
    "dynamodb:Query": { rate: 0.1, ...THROTTLED },
    "ecr:DescribeImages": { rate: 0.35, code: "ThrottlingException", status: 400 },
    "ecr:BatchGetImage": { rate: 0.35, code: "ThrottlingException", status: 400 },
    "sqs:SendMessage": { rate: 0.3, code: "ServiceUnavailable", status: 503 },
    "s3:PutObject": { rate: 0.3, code: "SlowDown", status: 503 },
  },
  killWorker: { "*": 0.2 },
};

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
      for (let round = 0; round < 3; round++) await passVisibilityTimeouts(product);

      const happened = await injected(product);
      for (const what of ["dynamodb:PutItem", "ecr:DescribeImages", "sqs:SendMessage"])
        expect(happened(what)).toBeGreaterThan(0);
      expect(happened("killWorker:ImageAction")).toBeGreaterThan(0);
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
