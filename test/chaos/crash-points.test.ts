import { afterAll, beforeAll, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { imageOfTag, slackMessages } from "../support/inventory.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { deadLetters } from "./support/dead-letters.ts";
import { faults, injected } from "./support/faults.ts";
import { metric, reconcile, settle } from "./support/settle.ts";

/** What one push against a rule writes: manifest head, image, pointer, violation, repository, and that people were told. */
const WRITES = ["first", "second", "third", "fourth", "fifth", "sixth"];

let product: Embedded;
let client: RegistryClient;
beforeAll(async () => {
  product = await Embedded.start();
  client = await RegistryClient.login(product.url, EAST);
});
afterAll(() => product?.dispose());

test.each(WRITES.map((which, passed) => ({ which, passed })))(
  "a push whose $which write fails is completed when its message comes again, and told once",
  async ({ which, passed }) => {
    const repository = `prod/${which}`;
    await createRepository(product.url, EAST, repository);
    const told = (await slackMessages(product)).length;
    // No SDK repeats a call that is not valid: the message fails at exactly this write.
    const once = { code: "ValidationException", after: passed, times: 1 };
    await faults(product, { operations: { "dynamodb:PutItem": once } });
    const { digest } = await client.pushImage(repository, "nightly", which);
    await settle(product);
    expect((await injected(product))("dynamodb:PutItem")).toBe(1);

    expect(await imageOfTag(product, EAST, repository, "nightly")).toMatchObject({
      digest,
      manifest: "known",
    });
    const about = { ...EAST, repository };
    expect(await product.api.list("/tags/history", { ...about, tag: "nightly" })).toMatchObject([{ digest }]);
    expect(await product.api.list("/violations", about)).toMatchObject([
      { digest, tag: "nightly", noticedAt: expect.any(String) },
    ]);
    expect((await slackMessages(product)).length - told).toBe(1);
  },
);

test("nothing of it was left for a reconcile or an operator", async () => {
  await faults(product, {});
  await reconcile(product);
  expect(await metric(product, "DifferencesFound")).toBe(0);
  expect(await deadLetters(product)).toBe(0);
});
