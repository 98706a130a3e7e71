import { afterAll, beforeAll, expect, test } from "vitest";
import { deadLetters } from "../chaos/support/dead-letters.ts";
import { faults } from "../chaos/support/faults.ts";
import { settle } from "../chaos/support/settle.ts";
import { Embedded } from "../support/embedded.ts";
import { slackMessages } from "../support/inventory.ts";
import { createRepository, EAST, EUROPE, OTHER, replicate } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";

// AWS's documents disagree on what a registry says of copies that did not come: the product must come to the same end
// either way.

let product: Embedded;
let client: RegistryClient;
beforeAll(async () => {
  product = await Embedded.start();
  // The hub's registry has not allowed it: each copy fails.
  await replicate(product.url, { source: OTHER, destination: EAST, prefix: "copied/" });
  client = await RegistryClient.login(product.url, OTHER);
});
afterAll(() => product?.dispose());

test.each([true, false])(
  "a copy that failed is found and told once, be there an event of it or not: %s",
  async (replicationFailureEvents) => {
    await product.control("POST", "switches", { replicationFailureEvents });
    const repository = `copied/event-${replicationFailureEvents}`;
    const told = (await slackMessages(product)).length;
    await createRepository(product.url, OTHER, repository);
    await client.pushImage(repository, "1.0.0", repository);
    await settle(product);
    const replicas = () => product.api.list("/replicas", { ...EAST, repository });
    // By the event at once; without it the first look finds out, which may have been if a message had to come again.
    const states = replicationFailureEvents ? ["failed"] : ["pending", "failed"];
    expect(states).toContain((await replicas())[0]?.["state"]);
    for (let times = 0; times < 4; times++) await minutesPass(10);
    expect(await replicas()).toMatchObject([{ state: "failed", noticedAt: expect.any(String) }]);
    const messages = (await slackMessages(product)).slice(told);
    expect(messages.map(({ text }) => text)).toEqual([expect.stringContaining(repository)]);
  },
);

// So it asks when a rule came between a push and its event: it then expects a copy that ECR never promised.
test.each(["empty", "refused"])(
  "a copy that no rule promised is found missing, be its status %s",
  async (statusWithoutReplication) => {
    await product.control("POST", "switches", { statusWithoutReplication });
    const prefix = `late-${statusWithoutReplication}/`;
    const repository = `${prefix}app`;
    await createRepository(product.url, EAST, repository);
    await faults(product, { events: { delay: 1, delayMs: 900_000 } });
    const here = await RegistryClient.login(product.url, EAST);
    await here.pushImage(repository, "1.0.0", repository);
    await replicate(product.url, { source: EAST, destination: EUROPE, prefix });
    await settle(product);
    await faults(product, {});
    const replicas = () => product.api.list("/replicas", { ...EUROPE, repository });
    expect(await replicas()).toMatchObject([{ state: "pending" }]);
    for (let times = 0; times < 4; times++) await minutesPass(10);
    expect(await replicas()).toMatchObject([{ state: "overdue", noticedAt: expect.any(String) }]);
    expect(await deadLetters(product)).toBe(0);
  },
);

async function minutesPass(minutes: number): Promise<void> {
  await product.control("POST", "clock", { advance: `PT${minutes}M` });
  await product.control("POST", "run/due?wait=0");
  await settle(product);
}
