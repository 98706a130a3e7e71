import { afterAll, beforeAll, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { slackMessages } from "../support/inventory.ts";
import { createRepository, EAST, OTHER, replicate } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";

// AWS's documents disagree whether an event tells of a copy that failed: the product must come to the same end either way.

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
    await settled();
    const replicas = () => product.api.list("/replicas", { ...EAST, repository });
    // By the event at once; without it, the first look finds out.
    expect(await replicas()).toMatchObject([
      { state: replicationFailureEvents ? "failed" : "pending", checks: 0 },
    ]);
    for (let times = 0; times < 4; times++) await minutesPass(10);
    expect(await replicas()).toMatchObject([{ state: "failed", noticedAt: expect.any(String) }]);
    const messages = (await slackMessages(product)).slice(told);
    expect(messages.map(({ text }) => text)).toEqual([expect.stringContaining(repository)]);
  },
);

async function settled(): Promise<void> {
  expect(await product.control("GET", "idle?wait=60")).toMatchObject({ idle: true });
}
async function minutesPass(minutes: number): Promise<void> {
  await product.control("POST", "clock", { advance: `PT${minutes}M` });
  await product.control("POST", "run/due?wait=0");
  await settled();
}
