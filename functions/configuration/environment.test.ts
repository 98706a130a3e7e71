import * as z from "@tallyman/domain/zod";
import { expect, test } from "vitest";
import { EnvironmentError, json, readEnvironment, VARIABLES } from "./environment.ts";

const { TABLE_NAME, NOTICE_QUEUE_URL } = VARIABLES;
const QUEUES = json(z.array(z.object({ name: z.string() })));
const Config = z.object({ TABLE_NAME, QUEUES, NOTICE_QUEUE_URL });
const GOOD = {
  TABLE_NAME: "Inventory",
  QUEUES: '[{"name":"DueDeadLetters"}]',
  NOTICE_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/111122223333/NoticeQueue.fifo",
};

test("what is named is read, frozen, and nothing else", () => {
  const config = readEnvironment(Config, { ...GOOD, AWS_SECRET_ACCESS_KEY: "secret" });
  expect(config).toEqual({ ...GOOD, QUEUES: [{ name: "DueDeadLetters" }] });
  expect(Object.isFrozen(config)).toBe(true);
});

test("every problem is named at once", () => {
  const read = () => readEnvironment(Config, { QUEUES: "[", NOTICE_QUEUE_URL: "queue" });
  expect(read).toThrow(EnvironmentError);
  expect(read).toThrow(/TABLE_NAME: .*QUEUES: not JSON; NOTICE_QUEUE_URL: /);
});

test("JSON of another shape is refused", () => {
  expect(() => readEnvironment(Config, { ...GOOD, QUEUES: "{}" })).toThrow(/QUEUES/);
});

test("an empty variable counts as missing", () => {
  expect(() => readEnvironment(Config, { ...GOOD, TABLE_NAME: "" })).toThrow(/TABLE_NAME/);
});
