import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { slackMessages } from "../support/inventory.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { bringHome, deadLetters } from "./support/dead-letters.ts";
import { type Faults, faults, injected } from "./support/faults.ts";
import { idle, passVisibilityTimeouts, settle } from "./support/settle.ts";

const REPOSITORY = "prod/web";
const TAGS = ["nightly-1", "nightly-2", "nightly-3"];
const DEAD = "NoticeDeadLetters";
/** What a message goes through before it lies in the dead-letter queue. */
const RECEIVES = 5;

let product: Embedded;
let client: RegistryClient;
beforeAll(async () => {
  product = await Embedded.start();
});
afterAll(() => product?.dispose());
beforeEach(async () => {
  await product.control("POST", "reset");
  await createRepository(product.url, EAST, REPOSITORY);
  client = await RegistryClient.login(product.url, EAST);
});

/** Tells Slack of each tag in turn: the next is pushed when the one before waits in the queue. */
async function pushInOrder(): Promise<void> {
  for (const [index, tag] of TAGS.entries()) {
    await client.pushImage(REPOSITORY, tag, tag);
    await product.until(`the notice of ${tag} is queued`, async () => (await notices()) > index);
  }
}

async function notices(): Promise<number> {
  const { queues } = await idle(product);
  const queue = queues.find(({ name }) => name === "NoticeQueue.fifo");
  return (queue?.visible ?? 0) + (queue?.inFlight ?? 0);
}

/** The tags that people were told of, in the order of the messages. */
async function told(): Promise<readonly (string | undefined)[]> {
  return (await slackMessages(product)).map(({ text }) => TAGS.find((tag) => text.includes(tag)));
}

async function slackAnswers(answer: NonNullable<Faults["operations"]>[string]): Promise<void> {
  await faults(product, { operations: { "slack:chat.postMessage": answer } });
}

async function refused(): Promise<number> {
  return (await injected(product))("slack:chat.postMessage");
}

test.each([
  ["429 with a Retry-After that a worker waits out", { status: 429, retryAfter: 1 }],
  ["429 with a Retry-After longer than an invocation", { status: 429, retryAfter: 90 }],
  ["500", { status: 500, code: "internal_error" }],
])("after a %s every message is told once, in the order in which it was queued", async (_, answer) => {
  await slackAnswers({ ...answer, times: 2 });
  await pushInOrder();
  await product.until("Slack has refused", async () => (await refused()) > 0);
  await settle(product);
  expect(await refused()).toBe(2);
  expect(await told()).toEqual(TAGS);
  expect(await deadLetters(product)).toBe(0);
});

test("a Slack that stays down sends every message to the dead letters, and a redrive tells each once, in order", async () => {
  await slackAnswers({ status: 500, code: "internal_error" });
  await pushInOrder();
  for (let receive = 0; receive < RECEIVES; receive++) await passVisibilityTimeouts(product);
  await settle(product);
  expect(await told()).toEqual([]);
  // An hour has passed meanwhile: the reconcile that came with it asked again for what nobody was told of.
  const dead = await deadLetters(product, DEAD);
  expect(dead).toBeGreaterThanOrEqual(TAGS.length);

  await faults(product, {});
  expect(await bringHome(product)).toBe(dead);
  expect(await told()).toEqual(TAGS);
  expect(await deadLetters(product)).toBe(0);
});

test("a worker killed again and again between the queue and Slack loses no message and changes no order", async () => {
  await faults(product, { killWorker: { Notify: 1 } });
  await pushInOrder();
  for (let round = 0; round < 3; round++) await passVisibilityTimeouts(product);
  expect((await injected(product))("killWorker:Notify")).toBeGreaterThan(1);
  await faults(product, {});
  await settle(product);
  // A worker may have posted before it died: then people read a message twice, never later than its successor.
  expect([...new Set(await told())]).toEqual(TAGS);
  expect(await told()).toEqual((await told()).toSorted());
});
