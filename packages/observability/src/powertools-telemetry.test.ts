import * as z from "@tallyman/domain/zod";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { aLambdaContext, anSqsEvent } from "../../../test/builders/sqs-event.ts";
import { powertoolsTelemetry } from "./powertools-telemetry.ts";
import { queueHandler } from "./queue-handler.ts";
import type { Telemetry } from "./telemetry.ts";

let printed: string[];

beforeEach(() => {
  printed = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
  }
});
afterEach(() => void vi.restoreAllMocks());

const Line = z.looseObject({});

async function invoke(say: (telemetry: Telemetry) => void): Promise<readonly Record<string, unknown>[]> {
  const telemetry = powertoolsTelemetry("image-action");
  const handler = queueHandler({
    telemetry,
    schema: z.string(),
    ordering: "none",
    onMessage: async () => say(telemetry),
  });
  await handler(anSqsEvent({ body: '"go"' }), aLambdaContext("image-action"));
  return printed.map((text) => Line.parse(JSON.parse(text)));
}

test("a log line is one JSON object with the message, its metadata and the invocation", async () => {
  const [line, ...rest] = await invoke(({ log }) => log.info("image recorded", { repository: "prod/web" }));
  expect(line).toMatchObject({
    level: "INFO",
    message: "image recorded",
    repository: "prod/web",
    service: "image-action",
    function_request_id: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
  });
  expect(rest).toEqual([]);
});

test("an invocation that measures nothing prints nothing", async () => {
  expect(await invoke(() => undefined)).toEqual([]);
});

test("a metric is printed once, after the message, with the service as its dimension", async () => {
  const [line, ...rest] = await invoke(({ measure }) => {
    measure("Violations", 1);
    measure("Violations", 2);
  });
  expect(line).toMatchObject({ service: "image-action", Violations: [1, 2] });
  expect(line?.["_aws"]).toMatchObject({
    CloudWatchMetrics: [{ Namespace: "Tallyman", Dimensions: [["service"]] }],
  });
  expect(rest).toEqual([]);
});

test("a metric with a dimension of its own leaves the others' dimensions alone", async () => {
  const lines = await invoke(({ measure }) => {
    measure("DifferencesFound", 3, { kind: "image-missing" });
    measure("ReconcileCompleted", 1);
  });
  expect(lines.find((line) => line["DifferencesFound"])).toMatchObject({
    DifferencesFound: 3,
    kind: "image-missing",
    service: "image-action",
  });
  expect(lines.find((line) => line["ReconcileCompleted"])).not.toHaveProperty("kind");
});

test("an error is printed with its name, message and code", async () => {
  const error = Object.assign(new TypeError("no answer"), { code: "NO_ANSWER" });
  const [line] = await invoke(({ log }) => log.error("message failed", { error }));
  expect(line?.["error"]).toMatchObject({ name: "TypeError", message: "no answer" });
});
