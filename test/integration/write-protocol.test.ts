import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { anImageEvent } from "../builders/ecr-event.ts";
import { Embedded } from "../support/embedded.ts";
import { imageOfTag, slackMessages } from "../support/inventory.ts";
import { itemWrites, writtenSince } from "../support/item-writes.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { credentialsOf, RegistryClient } from "../support/registry-client.ts";

// Two promises of the write protocol (docs/architecture.md) on the running product; all of them, over each store, are in
// test/contract/write-protocol.test.ts.

const REPOSITORY = "prod/web";
const QUEUE = "ImageActionQueue";

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

const drained = () => product.atRest();

test("a clock set back 30 days between pushes reorders nothing: history, pointer and messages follow the pushes", async () => {
  const digests: string[] = [];
  const pushedAt: string[] = [];
  for (const clock of ["PT0S", "-P30D", "PT1H", "-P30D"]) {
    await product.control("POST", "clock", { advance: clock });
    const pushed = await client.pushImage(REPOSITORY, "latest", `${clock} ${digests.length}`);
    digests.push(pushed.digest);
    await drained();
    const image = await imageOfTag(product, EAST, REPOSITORY, "latest");
    expect(image).toMatchObject({ digest: pushed.digest });
    pushedAt.push(String(image["pushedAt"]));
  }
  const history = await product.api.list("/tags/history", { ...EAST, repository: REPOSITORY, tag: "latest" });
  expect(history.map((it) => it["digest"])).toEqual(digests);
  expect(history.map((it) => it["version"])).toEqual([1, 2, 3, 4]);
  // The clock did go back, nothing was ordered by it, and what is told of the past goes forward.
  expect(pushedAt).not.toEqual(pushedAt.toSorted());
  const times = history.map((it) => String(it["since"]));
  expect(times).toEqual(times.toSorted());
  const open = await product.api.list("/violations", { ...EAST, repository: REPOSITORY });
  expect(new Set(open.map((it) => it["digest"]))).toEqual(new Set([digests.at(-1)]));
  expect(await slackMessages(product)).toHaveLength(digests.length);
});

test("the same event five times writes the first time only, and tells people once", async () => {
  await product.control("POST", "faults", { events: { drop: 1 } });
  const pushed = await client.pushImage(REPOSITORY, "latest", "told five times");
  await drained();
  await product.control("POST", "faults", {});
  const none = await itemWrites(product);
  expect(await product.api.list(`/images/${pushed.digest}`)).toEqual([]);

  const event = JSON.stringify(
    anImageEvent("PUSH", { registry: EAST, repository: REPOSITORY, digest: pushed.digest, tag: "latest" }),
  );
  await deliver(event);
  const first = await itemWrites(product);
  expect(writtenSince(none, first)).toEqual({
    // Image, pointer, manifest head, violation. The repository was listed when it was created.
    "tallyman-image-action": 4,
    // The mark that people were told.
    "tallyman-notify": 1,
  });
  for (let again = 2; again <= 5; again++) {
    await deliver(event);
    expect(writtenSince(first, await itemWrites(product))).toEqual({});
  }
  expect(await slackMessages(product)).toHaveLength(1);
});

async function deliver(body: string): Promise<void> {
  const { queues } = await product.control("GET", "topology");
  const url = (queues as readonly { name: string; url: string }[]).find(({ name }) => name === QUEUE)?.url;
  const { account, region } = EAST;
  const sqs = new SQSClient({ endpoint: product.url, region, credentials: credentialsOf(account) });
  await sqs.send(
    new SendMessageCommand({ QueueUrl: url ?? `${product.url}/${account}/${QUEUE}`, MessageBody: body }),
  );
  sqs.destroy();
  await drained();
}
