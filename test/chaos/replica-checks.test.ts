import { afterAll, beforeAll, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { slackMessages } from "../support/inventory.ts";
import { createRepository, EAST, OTHER, replicate } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { deadLetters } from "./support/dead-letters.ts";
import { faults, injected } from "./support/faults.ts";
import { advance, settle } from "./support/settle.ts";

let product: Embedded;
let client: RegistryClient;
beforeAll(async () => {
  product = await Embedded.start();
  // The other account has not allowed it: each copy fails, of which no event tells.
  await replicate(product.url, { source: OTHER, destination: EAST, prefix: "copied/" });
  client = await RegistryClient.login(product.url, OTHER);
});
afterAll(() => product?.dispose());

/**
 * What happens between the time of a look and the news of a copy that failed: ticks of the schedule, the check and the notice
 * are sent; the lease, the finding and the mark that people know are written.
 */
const STEPS = [
  ...[0, 1, 2, 3].map((after) => ({ operation: "sqs:SendMessage", after })),
  ...[0, 1, 2].map((after) => ({ operation: "dynamodb:PutItem", after })),
];

test.each(STEPS)(
  "a copy is looked for all the same when $operation fails after $after of them, and people are told once",
  async ({ operation, after }) => {
    const step = `${operation.replace(/\W/g, "-").toLowerCase()}-${after}`;
    const repository = `copied/${step}`;
    await createRepository(product.url, OTHER, repository);
    await client.pushImage(repository, "1.0.0", step);
    await settle(product);
    const replicas = () => product.api.list("/replicas", { ...EAST, repository });
    expect(await replicas()).toMatchObject([{ state: "pending", checks: 0 }]);
    const told = (await slackMessages(product)).length;

    // No SDK repeats a call that is not valid: exactly this one fails.
    await faults(product, { operations: { [operation]: { code: "ValidationException", after, times: 1 } } });
    await minutesPass(3);
    expect((await injected(product))(operation)).toBe(1);
    // A lease of ten minutes, from whenever a message came back.
    for (let times = 0; times < 3; times++) await minutesPass(10);

    expect(await replicas()).toMatchObject([{ state: "failed", noticedAt: expect.any(String) }]);
    expect((await replicas())[0]).not.toHaveProperty("checkAt");
    expect((await slackMessages(product)).length - told).toBe(1);
    expect(await deadLetters(product)).toBe(0);
  },
);

async function minutesPass(minutes: number): Promise<void> {
  await advance(product, minutes * 60);
  await product.control("POST", "run/due?wait=0");
  await settle(product);
}
