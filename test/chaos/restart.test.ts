import { afterEach, expect, test } from "vitest";
import type { Item } from "../support/admin-api.ts";
import { Embedded } from "../support/embedded.ts";
import { slackMessages } from "../support/inventory.ts";
import { createRepository, EAST, replicate, WEST } from "../support/registries.ts";
import { type PushedManifest, RegistryClient } from "../support/registry-client.ts";
import { faults } from "./support/faults.ts";
import { inventory, registryTruth } from "./support/oracle.ts";
import { randomOf, seeds } from "./support/random.ts";
import { advance, idle, metric, reconcile, settle } from "./support/settle.ts";

const REPOSITORY = "prod/web";
const TAGS = ["1.0.0", "1.0.1", "nightly-1", "nightly-2"];

let product: Embedded | undefined;
afterEach(async () => {
  await product?.dispose();
  product = undefined;
});

/** Ends the whole process without a word and starts it again on what it left on disk. */
async function killAndStart(running: Embedded): Promise<Embedded> {
  await running.stop("SIGKILL");
  product = await Embedded.start(["--no-demo"], running.directory);
  return product;
}

async function start(): Promise<Embedded> {
  product = await Embedded.start();
  await createRepository(product.url, EAST, REPOSITORY);
  return product;
}

async function replicas(running: Embedded): Promise<readonly Item[]> {
  return running.api.list("/replicas", { ...WEST, repository: REPOSITORY });
}

/** The tags that people were told of, with the registry where they are. */
async function told(running: Embedded): Promise<readonly string[]> {
  const messages = (await slackMessages(running)).map((it) => JSON.stringify(it));
  return messages.map((it) => /nightly-\d/.exec(it)?.[0] + (/us-\w+-\d/.exec(it)?.[0] ?? "")).toSorted();
}

test("what was queued, recorded and due when the process was killed is there afterwards, and the work completes", async () => {
  let running = await start();
  await replicate(running.url, { source: EAST, destination: WEST, prefix: REPOSITORY });
  const client = await RegistryClient.login(running.url, EAST);
  await client.pushImage(REPOSITORY, "0.9.0", "before");
  await settle(running);
  const before = await inventory(running);
  expect(before).toEqual(await registryTruth(running));

  await faults(running, { operations: { "dynamodb:PutItem": { code: "ThrottlingException" } } });
  for (const tag of TAGS) await client.pushImage(REPOSITORY, tag, tag);
  const truth = await registryTruth(running);
  const queue = (await idle(running)).queues.find(({ name }) => name === "ImageActionQueue");
  expect((queue?.visible ?? 0) + (queue?.inFlight ?? 0)).toBeGreaterThanOrEqual(TAGS.length);
  expect(await inventory(running)).toEqual(before);

  running = await killAndStart(running);
  await settle(running);
  const after = await registryTruth(running);
  expect(after["111122223333/us-east-1"]).toEqual(truth["111122223333/us-east-1"]);
  expect(await inventory(running)).toEqual(after);
  const everywhere = ["nightly-1", "nightly-2"].flatMap((tag) => [EAST, WEST].map((it) => tag + it.region));
  expect(await told(running)).toEqual(everywhere);
  await reconcile(running);
  expect(await metric(running, "DifferencesFound")).toBe(0);
});

test("a replica check that was due after the kill is made all the same", async () => {
  let running = await start();
  await replicate(running.url, { source: EAST, destination: WEST, prefix: REPOSITORY });
  const client = await RegistryClient.login(running.url, EAST);
  // Neither the push nor the arrival is heard: a reconcile finds the push, and nothing but its time brings the look for its copy.
  await faults(running, { events: { drop: 1 } });
  await client.pushImage(REPOSITORY, "1.0.0", "copied");
  await settle(running);
  expect(await replicas(running)).toEqual([]);
  await faults(running, {});
  await reconcile(running);
  const expected = await replicas(running);
  expect(expected).toMatchObject([{ state: "pending", tag: "1.0.0" }]);

  running = await killAndStart(running);
  expect(await replicas(running)).toEqual(expected);
  await advance(running, 180);
  await running.control("POST", "run/due?wait=0");
  await settle(running);
  expect(await replicas(running)).toMatchObject([{ state: "arrived", tag: "1.0.0" }]);
});

test.each(seeds(1, 25))(
  "an acknowledged push survives a kill at any moment, and is seen in the end (CHAOS_SEED=%i)",
  async (seed) => {
    const random = randomOf(seed);
    let running = await start();
    const client = await RegistryClient.login(running.url, EAST);
    const acknowledged: PushedManifest[] = [];
    const killAfter = 1 + random.below(12);
    const pushes = Array.from({ length: 16 }, async (_, index) => {
      acknowledged.push(await client.pushImage(REPOSITORY, `1.0.${index}`, `${seed} ${index}`));
    });
    const all = Promise.allSettled(pushes);
    await running.until("some pushes are acknowledged", async () => acknowledged.length >= killAfter);
    running = await killAndStart(running);
    await all;

    await settle(running);
    await reconcile(running);
    const truth = await registryTruth(running);
    const held = (truth["111122223333/us-east-1"] ?? []).map(({ digest }) => digest);
    expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter);
    for (const { digest } of acknowledged) expect(held).toContain(digest);
    expect(await inventory(running)).toEqual(truth);
  },
);
