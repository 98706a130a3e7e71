import { afterAll, beforeAll, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { type Cost, callsOf, costOf, registryReads } from "../support/push-cost.ts";
import { type PushEvent, type Pushes, startPushes } from "../support/pushes.ts";

// A notice, or the asking for a repository to be counted: once in 45 seconds from each worker, however much is pushed.
const COUNTED = "sqs:SendMessage tallyman-image-action";
let product: Embedded;
let pushes: Pushes;

beforeAll(async () => {
  product = await Embedded.start();
  pushes = await startPushes(product);
  for (const repository of ["prod/web", "team/app", "copied/app"]) await pushes.create(repository);
  // What a function does once in its life (assume the reader, read the policy, ask for the exclusion) is done here.
  await costOf(product, () => pushes.push("prod/web", "0.0.1", "the first image"));
});
afterAll(() => product?.dispose());

function push(repository: string, tag: string | undefined, content: string): Promise<Cost> {
  return costOf(product, () => pushes.push(repository, tag, content));
}

test("a push into a repository whose creation nobody heard of lists it: one item write more than any later one", async () => {
  await product.control("POST", "faults", { events: { drop: 1 } });
  await pushes.create("quiet/app");
  await product.control("POST", "faults", { events: { drop: 0 } });
  const first = await push("quiet/app", "first", "listed one");
  const later = await push("quiet/app", "second", "listed two");
  expect(first.itemWrites - later.itemWrites).toBe(1);
  const listed = await product.api.list("/repositories");
  expect(listed).toContainEqual(expect.objectContaining({ repository: "quiet/app", images: 1, tags: 1 }));
});

test("a new image costs three item writes, three registry reads, one object, one message and nothing else", async () => {
  const cost = await push("prod/web", "1.0.0", "new");
  expect(cost.itemWrites).toBe(3);
  const { [COUNTED]: asked = 0, ...calls } = cost.calls;
  expect(asked).toBeLessThanOrEqual(1);
  expect(calls).toEqual({
    "dynamodb:BatchGetItem tallyman-image-action": 1,
    "dynamodb:GetItem tallyman-image-action": 1,
    "dynamodb:PutItem tallyman-image-action": 3,
    "ecr:BatchGetImage tallyman-reader": 1,
    "ecr:DescribeImages tallyman-reader": 1,
    "ecr:DescribeRegistry tallyman-reader": 1,
    "s3:PutObject tallyman-image-action": 1,
    // Who pushed it, as CloudTrail says.
    "dynamodb:PutItem tallyman-trail-action": 1,
  });
});

test("another tag of an image that is known costs one item write and two registry reads", async () => {
  await push("prod/web", "1.1.0", "known");
  const cost = await push("prod/web", "1.1.1", "known");
  expect(cost.itemWrites).toBe(1);
  expect(registryReads(cost)).toBe(2);
  expect(callsOf(cost, "s3:")).toBe(0);
});

test("an image that is known in another repository is not read again", async () => {
  await push("prod/web", "1.2.0", "shared");
  const cost = await push("team/app", "shared", "shared");
  expect(cost.itemWrites).toBe(2);
  expect(cost.calls).not.toHaveProperty(["ecr:BatchGetImage tallyman-reader"]);
});

test("a tag that moves to a new image costs four item writes: its past is one", async () => {
  await push("team/app", "moving", "from");
  const cost = await push("team/app", "moving", "to");
  expect(cost.itemWrites).toBe(4);
  expect(registryReads(cost)).toBe(3);
});

test("a violation costs one item write and one message more", async () => {
  const cost = await push("prod/web", "latest", "forbidden");
  expect(cost.itemWrites).toBe(3 + 1);
  expect(callsOf(cost, COUNTED)).toBeGreaterThanOrEqual(1);
  expect(callsOf(cost, COUNTED)).toBeLessThanOrEqual(2);
  expect(registryReads(cost)).toBe(3);
});

test("a violation that goes on with the image that its tag moves to costs one item write", async () => {
  await push("prod/web", "nightly", "forbidden from");
  const cost = await push("prod/web", "nightly", "forbidden to");
  expect(cost.itemWrites).toBe(4 + 1);
  expect(registryReads(cost)).toBe(3);
});

test("an index costs what an image does, whatever it holds; the count of its repository writes its edges", async () => {
  const contents = ["for amd64", "for arm64", "for s390x"];
  for (const repository of ["prod/web", "team/app"])
    for (const content of contents) await push(repository, undefined, content);

  const index = (repository: string, tag: string) =>
    costOf(product, () => pushes.pushIndex(repository, tag, contents));
  const indexMoves = () => costOf(product, () => pushes.pushIndex("prod/web", "2.0.0", contents.slice(0, 2)));
  const first = await index("prod/web", "2.0.0");
  expect(first.itemWrites).toBe(3);
  expect(registryReads(first)).toBe(3);
  expect((await index("prod/web", "2.0.1")).itemWrites).toBe(1);
  expect((await index("team/app", "multi")).itemWrites).toBe(2);
  expect((await indexMoves()).itemWrites).toBe(4);
});

test("pushes that come together write what each would alone, and ask for less", async () => {
  await product.control("POST", "faults", { events: { drop: 1 } });
  const count = 10;
  const events: PushEvent[] = [];
  for (let at = 0; at < count; at++) {
    const [repository, tag] = ["prod/web", `3.0.${at}`];
    const digest = await pushes.push(repository, tag, `together ${tag}`);
    events.push({ id: `5c9f1a3e-0000-4000-8000-00000000003${at}`, repository, digest, tag });
  }
  await product.control("POST", "faults", { events: { drop: 0 } });
  const cost = await costOf(product, () => pushes.deliver(...events));
  expect(cost.itemWrites).toBe(3 * count);
  expect(callsOf(cost, "ecr:BatchGetImage")).toBe(count);
  expect(callsOf(cost, "ecr:DescribeRegistry")).toBeLessThan(count);
  expect(callsOf(cost, "ecr:DescribeImages")).toBeLessThan(count);
  expect(callsOf(cost, "dynamodb:GetItem")).toBeLessThan(3 * count);
  expect(callsOf(cost, COUNTED)).toBeLessThan(count);
});

test("an image without a tag costs two item writes", async () => {
  expect((await push("prod/web", undefined, "for riscv64")).itemWrites).toBe(2);
});

test("a copy that is expected costs one item write", async () => {
  await pushes.copied("copied/");
  await push("copied/app", "1.0.0", "copied one");
  const cost = await push("copied/app", "1.0.1", "copied two");
  expect(cost.itemWrites).toBe(3 + 1);
  expect(registryReads(cost)).toBe(3);

  // The most that a push of one image that breaks no rule can cost: it moves a tag, and is copied.
  await push("copied/app", "moving", "copied from");
  const most = await push("copied/app", "moving", "copied to");
  expect(most.itemWrites).toBe(4 + 1);
  expect(registryReads(most)).toBe(3);
});

test("the same event delivered five times writes nothing from the second time on", async () => {
  const digest = await pushes.push("team/app", "again", "again");
  const event = { id: "5c9f1a3e-0000-4000-8000-000000000001", repository: "team/app", digest, tag: "again" };
  // An event that is news moves the fence on, even when nothing differs.
  expect((await costOf(product, () => pushes.deliver(event))).itemWrites).toBeLessThanOrEqual(1);
  for (let time = 2; time <= 5; time++) {
    const cost = await costOf(product, () => pushes.deliver(event));
    expect(cost.itemWrites).toBe(0);
    expect(callsOf(cost, "ecr:DescribeImages")).toBe(1);
    expect(callsOf(cost, "dynamodb:PutItem")).toBe(0);
  }
});
