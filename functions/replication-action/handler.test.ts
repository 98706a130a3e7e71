import { expect, test } from "vitest";
import { aDigest } from "../../test/builders/digest.ts";
import { anImageEvent, aReplicationEvent } from "../../test/builders/ecr-event.ts";
import { functionDeps, WEST } from "../../test/builders/function-deps.ts";
import { aRepository, HUB } from "../../test/builders/registry.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import { createHandler as createImageAction } from "../image-action/handler.ts";
import { createHandler } from "./handler.ts";

const WEB = aRepository("prod/web");
const COPY = aRepository("prod/web", WEST);
const A = aDigest("A");
const KEY = { destination: WEST, repository: "prod/web", digest: A, tag: "1.4.2" };
const ARRIVED = aReplicationEvent({ digest: A, tag: "1.4.2" });
const FAILED = aReplicationEvent({ digest: A, tag: "1.4.2", result: "FAILED" });
const PUSHED = anImageEvent("PUSH", { digest: A, tag: "1.4.2" });

function setUp() {
  const it = functionDeps();
  const { registry } = it.deps;
  registry.setReplicationRules(HUB, [{ destinations: [WEST], prefixes: [] }]);
  registry.push(WEB, { digest: A, tags: ["1.4.2"] });
  const handlers = { push: createImageAction(it.deps), copy: createHandler(it.deps) };
  const deliver = (to: keyof typeof handlers) => async (body: unknown) => {
    const answer = await handlers[to](anSqsEvent({ body }), aLambdaContext());
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  return { ...it, registry, push: deliver("push"), copy: deliver("copy") };
}

test("an expected copy arrives: recorded at the destination and marked arrived", async () => {
  const { registry, push, copy, deps } = setUp();
  await push(PUSHED);
  registry.push(COPY, { digest: A, tags: ["1.4.2"] });
  expect(await copy(ARRIVED)).toEqual([]);
  expect(await deps.replicas.findReplica(KEY)).toMatchObject({ state: "arrived", source: HUB, version: 2 });
  expect(await deps.replicas.findReplica(KEY)).not.toHaveProperty("checkAt");
  expect(await deps.images.findImage(COPY, A)).toMatchObject({ state: "open" });
  expect(await deps.tags.findTag(COPY, "1.4.2")).toMatchObject({ digest: A, cause: "replication" });
  expect(deps.telemetry.messages("info")).toContain("replica arrived");
});

test("a copy whose event overtakes the push's ends as arrived all the same", async () => {
  const { registry, push, copy, deps } = setUp();
  registry.push(COPY, { digest: A, tags: ["1.4.2"] });
  await copy(ARRIVED);
  expect(await deps.replicas.findReplica(KEY)).toMatchObject({ state: "arrived", source: HUB, version: 1 });
  await push(PUSHED);
  expect(await deps.replicas.findReplica(KEY)).toMatchObject({ state: "arrived" });
  expect(await deps.replicas.findReplica(KEY)).not.toHaveProperty("checkAt");
});

test("the same arrival again, four times, writes nothing", async () => {
  const { registry, copy, inventory } = setUp();
  registry.push(COPY, { digest: A, tags: ["1.4.2"] });
  await copy(ARRIVED);
  const writes = inventory.journal.writes.length;
  for (let time = 2; time <= 5; time++) expect(await copy(ARRIVED)).toEqual([]);
  expect(inventory.journal.writes.length).toBe(writes);
});

test("a copy is not expected to be copied on", async () => {
  const { registry, copy, deps } = setUp();
  registry.setReplicationRules(WEST, [{ destinations: [{ ...HUB, region: "eu-central-1" }], prefixes: [] }]);
  registry.push(COPY, { digest: A, tags: ["1.4.2"] });
  await copy(ARRIVED);
  expect(await deps.replicas.findReplica({ ...KEY, destination: { ...HUB, region: "eu-central-1" } })).toBe(
    undefined,
  );
});

test("a failed copy is marked and told once", async () => {
  const { push, copy, deps, sent } = setUp();
  await push(PUSHED);
  for (let time = 1; time <= 3; time++) expect(await copy(FAILED)).toEqual([]);
  expect(await deps.replicas.findReplica(KEY)).toMatchObject({
    state: "failed",
    noticedAt: expect.any(String),
  });
  expect(sent).toMatchObject([{ kind: "replica-failed", title: "prod/web:1.4.2 could not be copied" }]);
  // The look that was planned is still made: the source may know why.
  expect(await deps.replicas.findReplica(KEY)).toMatchObject({ checkAt: "2026-11-16T01:56:35.000Z" });
  expect(deps.telemetry.measurements).toEqual([{ name: "ReplicaOverdue", value: 1 }]);
});

test("a crash between the failed copy and its notice tells people when the message comes again", async () => {
  const { push, copy, failing, sent } = setUp();
  await push(PUSHED);
  failing.notices = 1;
  expect(await copy(FAILED)).toEqual(["message-1"]);
  expect(await copy(FAILED)).toEqual([]);
  expect(sent).toHaveLength(1);
});

test("a copy reported as failed that is there has arrived", async () => {
  const { registry, push, copy, deps, sent } = setUp();
  await push(PUSHED);
  registry.push(COPY, { digest: A, tags: ["1.4.2"] });
  await copy(FAILED);
  expect(await deps.replicas.findReplica(KEY)).toMatchObject({ state: "arrived" });
  expect(sent).toEqual([]);
});

test("a copy reported as arrived that is not there stays expected", async () => {
  const { push, copy, deps } = setUp();
  await push(PUSHED);
  expect(await copy(ARRIVED)).toEqual([]);
  expect(await deps.replicas.findReplica(KEY)).toMatchObject({ state: "pending" });
  expect(deps.telemetry.messages("warn")).toEqual(["replica reported but not found"]);
});

test("an event from a registry that is not declared is refused", async () => {
  const { copy, inventory } = setUp();
  expect(await copy(aReplicationEvent({ registry: { ...HUB, region: "eu-west-3" } }))).toEqual(["message-1"]);
  expect(inventory.journal.writes).toEqual([]);
});
