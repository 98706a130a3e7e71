import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anImageEvent } from "../builders/ecr-event.ts";
import { aCall, anExpiry, aPolicyExecution, aPullThrough } from "../builders/trail-event.ts";
import { Embedded } from "../support/embedded.ts";
import { imageOfTag } from "../support/inventory.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { credentialsOf, RegistryClient } from "../support/registry-client.ts";
import { deadLetters, standing } from "../support/standing.ts";

/** Longer than any queue hides a message: six times the longest function. */
const PAST_VISIBILITY = { advance: "PT91M" };
const RECEIVES = 5;

type QueueReport = {
  readonly name: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly consumed: boolean;
};

let product: Embedded;
beforeAll(async () => {
  product = await Embedded.start();
  await createRepository(product.url, EAST, "prod/web");
  // It is listed, counted a minute later, and compared: the hours that pass below bring nothing more.
  await product.atRest();
  await product.control("POST", "clock", { advance: "PT61S" });
  await product.control("POST", "run/reconcile");
  await product.atRest();
});
afterAll(() => product?.dispose());

async function consumedQueues(): Promise<readonly QueueReport[]> {
  const { queues } = await product.control("GET", "idle");
  return (queues as readonly QueueReport[]).filter(({ consumed }) => consumed);
}

async function send(queue: string, body: string): Promise<void> {
  const sqs = new SQSClient({
    endpoint: product.url,
    region: EAST.region,
    credentials: credentialsOf(EAST.account),
  });
  const fifo = queue.endsWith(".fifo")
    ? { MessageGroupId: "malformed", MessageDeduplicationId: `${body.length}` }
    : {};
  const QueueUrl = `https://sqs.${EAST.region}.amazonaws.com/${EAST.account}/${queue}`;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, ...fifo }));
  sqs.destroy();
}

/** Lets visibility timeouts pass until nothing is left with a function; how often they had to. */
async function retried(): Promise<number> {
  for (let rounds = 0; ; rounds++) {
    const held = await product.until("no batch is with a function", async () => {
      const { batches, deliveries } = await product.control("GET", "idle");
      const queues = await consumedQueues();
      if (batches !== 0 || deliveries !== 0 || queues.some(({ visible }) => visible > 0)) return false;
      return queues.filter(({ inFlight, delayed }) => inFlight + delayed > 0).map(({ name }) => name);
    });
    if (held.length === 0) return rounds;
    if (rounds > 2 * RECEIVES) throw new Error(`still retried: ${held.join(", ")}`);
    await product.control("POST", "clock", PAST_VISIBILITY);
  }
}

function failures(): number {
  return product.output.filter((line) => / (message|notice) failed /.test(line)).length;
}

describe("a message that is none", () => {
  test("ends in the dead letters of its queue after five receives, whichever queue it came to", async () => {
    const before = await standing(product);
    const queues = (await consumedQueues()).map(({ name }) => name);
    expect(queues).toHaveLength(10);
    for (const queue of queues) await send(queue, "{oops");
    // One queue holds every message back for a minute first, which takes a round of its own.
    expect(await retried()).toBe(RECEIVES + 1);

    const dead = await deadLetters(product);
    expect(Object.values(dead).filter((messages) => messages > 0)).toHaveLength(queues.length);
    for (const queue of queues) expect(dead[queue.replace(/Queue(\.fifo)?$/, "DeadLetters")]).toBe(1);
    expect(failures()).toBe(RECEIVES * queues.length);

    await product.control("POST", "clock", PAST_VISIBILITY);
    expect(await retried()).toBe(0);
    expect(failures()).toBe(RECEIVES * queues.length);
    expect({ ...((await standing(product)) as object), deadLetters: 0 }).toEqual({
      ...(before as object),
      deadLetters: 0,
    });
  });

  const stranger = { account: "999999999999", region: "us-east-1" };
  const none = {
    "of another shape": JSON.stringify({ schedule: "reconcile" }),
    "without a digest or a tag": event({ "image-digest": "", "image-tag": "" }),
    "whose repository climbs": event({ "repository-name": "../../etc" }),
    "whose digest is none": event({ "image-digest": "sha256:short" }),
    "of a registry that was never declared": event({}, stranger),
    "of another source": JSON.stringify({ ...JSON.parse(event({})), source: "me" }),
    "of a pull-through cache without a repository": JSON.stringify(aPullThrough({ repository: "" })),
    "of CloudTrail": JSON.stringify(aCall("PutImage")),
  };

  const noRecord = {
    "of an image": event({}),
    "of a call that changes no image": JSON.stringify(aCall("BatchGetImage")),
    "of a repository that climbs": JSON.stringify(aCall("PutImage", { repositoryName: "../../etc" })),
    "of a registry that was never declared": JSON.stringify(aCall("PutImage", {}, { registry: stranger })),
    "whose id is a key of another": JSON.stringify(aCall("PutImage", {}, { id: "x#0000#R#y" })),
    "whose expired digest is none": JSON.stringify(aPolicyExecution([anExpiry("sha256:short")])),
    "of a run of ten thousand images": JSON.stringify(
      aPolicyExecution(Array.from({ length: 10_000 }, () => ({}))),
    ),
  };

  test(`a record of CloudTrail ${Object.keys(noRecord).join(", ")} ends there, and holds up nothing behind it`, async () => {
    const { TrailDeadLetters: already = 0 } = await deadLetters(product);
    for (const body of Object.values(noRecord)) await send("TrailQueue", body);
    await createRepository(product.url, EAST, "prod/behind");
    await product.until("the repository behind them is listed", async () =>
      (await product.api.list("/repositories")).some(({ repository }) => repository === "prod/behind"),
    );

    expect(await retried()).toBe(RECEIVES);
    const { TrailDeadLetters: now } = await deadLetters(product);
    expect(now).toBe(already + Object.keys(noRecord).length);
  });

  test(`an event ${Object.keys(none).join(", ")} ends there too, and holds up nothing behind it`, async () => {
    const { ImageActionDeadLetters: already = 0 } = await deadLetters(product);
    for (const body of Object.values(none)) await send("ImageActionQueue", body);
    const client = await RegistryClient.login(product.url, EAST);
    const { digest } = await client.pushImage("prod/web", "1.0.0", "behind them");
    expect(await imageOfTag(product, EAST, "prod/web", "1.0.0")).toMatchObject({ digest });

    expect(await retried()).toBe(RECEIVES);
    const { ImageActionDeadLetters: now } = await deadLetters(product);
    expect(now).toBe(already + Object.keys(none).length);
  });
});

function event(detail: Readonly<Record<string, string>>, registry = EAST): string {
  const given = anImageEvent("PUSH");
  return JSON.stringify({ ...given, ...registry, detail: { ...given.detail, ...detail } });
}
