import * as z from "@tallyman/domain/zod";
import { expect, test } from "vitest";
import { EnvironmentError, readEnvironment, VARIABLES } from "./environment.ts";

const { TABLE_NAME, REGISTRIES, NOTICE_QUEUE_URL } = VARIABLES;
const Config = z.object({ TABLE_NAME, REGISTRIES, NOTICE_QUEUE_URL });
const GOOD = {
  TABLE_NAME: "Inventory",
  REGISTRIES: '[{"account":"111122223333","region":"us-east-1"}]',
  NOTICE_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/111122223333/NoticeQueue.fifo",
};

test("what is named is read, frozen, and nothing else", () => {
  const config = readEnvironment(Config, { ...GOOD, AWS_SECRET_ACCESS_KEY: "secret" });
  expect(config).toEqual({ ...GOOD, REGISTRIES: [{ account: "111122223333", region: "us-east-1" }] });
  expect(Object.isFrozen(config)).toBe(true);
});

test("every problem is named at once", () => {
  const read = () => readEnvironment(Config, { REGISTRIES: "[", NOTICE_QUEUE_URL: "queue" });
  expect(read).toThrow(EnvironmentError);
  expect(read).toThrow(/TABLE_NAME: .*REGISTRIES: not JSON; NOTICE_QUEUE_URL: /);
});

test.each([
  ["no registry", "[]"],
  ["a bad account", '[{"account":"1","region":"us-east-1"}]'],
  ["a bad Region", '[{"account":"111122223333","region":"here"}]'],
  ["an object", "{}"],
])("registries with %s are refused", (_, REGISTRIES) => {
  expect(() => readEnvironment(Config, { ...GOOD, REGISTRIES })).toThrow(/REGISTRIES/);
});

test("an empty variable counts as missing", () => {
  expect(() => readEnvironment(Config, { ...GOOD, TABLE_NAME: "" })).toThrow(/TABLE_NAME/);
});
