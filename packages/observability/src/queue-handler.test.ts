import * as z from "@tallyman/domain/zod";
import { expect, test } from "vitest";
import { aLambdaContext, anSqsEvent, type QueuedMessage } from "../../../test/builders/sqs-event.ts";
import { recordedTelemetry } from "../../../test/fakes/recorded-telemetry.ts";
import { queueHandler } from "./queue-handler.ts";

const Job = z.strictObject({ name: z.string() });

function handlerOf(ordering: "none" | "per-group", failing: readonly string[] = []) {
  const telemetry = recordedTelemetry();
  const done: string[] = [];
  const handler = queueHandler({
    telemetry,
    schema: Job,
    ordering,
    async onMessage({ name }) {
      if (failing.includes(name)) throw new Error("no such luck");
      done.push(name);
    },
  });
  const run = async (...messages: readonly QueuedMessage[]) => {
    const answer = await handler(anSqsEvent(...messages), aLambdaContext());
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  return { run, done, telemetry };
}

test("a batch whose messages all succeed reports no failure", async () => {
  const { run, done } = handlerOf("none");
  expect(await run({ body: { name: "a" } }, { body: { name: "b" } })).toEqual([]);
  expect(done).toEqual(["a", "b"]);
});

test("only the message that failed goes back to the queue", async () => {
  const { run, done } = handlerOf("none", ["b"]);
  expect(await run({ body: { name: "a" } }, { body: { name: "b" } }, { body: { name: "c" } })).toEqual([
    "message-2",
  ]);
  expect(done).toEqual(["a", "c"]);
});

test("a batch that fails as a whole is answered, not thrown", async () => {
  const { run } = handlerOf("none", ["a", "b"]);
  expect(await run({ body: { name: "a" } }, { body: { name: "b" } })).toEqual(["message-1", "message-2"]);
});

test("what the messages of a batch share is made anew for each batch", async () => {
  let batches = 0;
  const done: string[] = [];
  const handler = queueHandler({
    telemetry: recordedTelemetry(),
    schema: Job,
    ordering: "none",
    onBatch() {
      batches += 1;
      const batch = batches;
      return async ({ name }) => {
        done.push(`${name} of ${batch}`);
      };
    },
  });
  await handler(anSqsEvent({ body: { name: "a" } }, { body: { name: "b" } }), aLambdaContext());
  await handler(anSqsEvent({ body: { name: "c" } }), aLambdaContext());
  expect(done).toEqual(["a of 1", "b of 1", "c of 2"]);
});

test.each([
  ["no JSON", "{oops", "the body is not JSON"],
  ["an unknown key", { name: "a", secret: "hunter2" }, 'Unrecognized key: "secret"'],
  ["a wrong type", { name: 7 }, "name: Invalid input: expected string, received number"],
])("a body with %s fails, is named and never quoted", async (_, body, problem) => {
  const { run, telemetry, done } = handlerOf("none");
  expect(await run({ body }, { body: { name: "b" } })).toEqual(["message-1"]);
  expect(done).toEqual(["b"]);
  const [line] = telemetry.lines;
  expect(line?.message).toBe("message failed");
  expect(line?.metadata).toMatchObject({ messageId: "message-1", receiveCount: 1 });
  expect(line?.metadata["error"]).toMatchObject({ code: "MALFORMED_MESSAGE", problems: [problem] });
  expect(String(line?.metadata["error"])).not.toMatch(/hunter2|oops/);
});

test("after a failure the rest of its group goes back unprocessed, other groups go on", async () => {
  const { run, done } = handlerOf("per-group", ["a1"]);
  const failed = await run(
    { body: { name: "a1" }, group: "a" },
    { body: { name: "b1" }, group: "b" },
    { body: { name: "a2" }, group: "a" },
    { body: { name: "b2" }, group: "b" },
  );
  expect(failed).toEqual(["message-1", "message-3"]);
  expect(done).toEqual(["b1", "b2"]);
});

test("a failure in one invocation does not hold back its group in the next", async () => {
  const { run, done } = handlerOf("per-group", ["a1"]);
  await run({ body: { name: "a1" }, group: "a" });
  expect(await run({ body: { name: "a2" }, group: "a" })).toEqual([]);
  expect(done).toEqual(["a2"]);
});

test("the middleware runs: what is exported is the wrapped handler", async () => {
  const order: string[] = [];
  const telemetry = {
    ...recordedTelemetry(),
    middleware: [{ before: () => void order.push("before"), after: () => void order.push("after") }],
  };
  const handler = queueHandler({
    telemetry,
    schema: Job,
    ordering: "none",
    onMessage: async () => void order.push("message"),
  });
  await handler(anSqsEvent({ body: { name: "a" } }), aLambdaContext());
  expect(order).toEqual(["before", "message", "after"]);
});
