import { expect, test } from "vitest";
import { beginning } from "./settled.ts";

const NOON = "2026-11-21T12:00:00.000Z";

test.each([
  ["what follows nothing begins now", undefined, NOON],
  ["what follows something earlier begins now", { since: "2026-11-21T11:59:59.999Z" }, NOON],
  [
    "what a slower worker writes begins no earlier than what it ends",
    { since: "2026-11-21T12:00:01.000Z" },
    "2026-11-21T12:00:01.000Z",
  ],
])("%s", (_, previous, since) => {
  expect(beginning(previous, new Date(NOON))).toBe(since);
});
